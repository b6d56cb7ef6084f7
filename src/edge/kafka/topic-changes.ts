/** What has become of the topics since they were looked at before. Pure. */

export interface TopicChanges {
  /** Topics that are new or have another number of partitions. */
  readonly changed: readonly string[];
  /** Topics that were missing at the look before, too: a broker that has just come up may not know all of them. */
  readonly gone: readonly string[];
  /** Topics that are missing now. */
  readonly missing: ReadonlySet<string>;
}

/**
 * @param known partitions of each topic that is read
 * @param found the same of each that should be read now
 * @param missing topics that were missing at the look before
 */
export function topicChanges(
  known: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
  missing: ReadonlySet<string>,
): TopicChanges {
  const absent = [...known.keys()].filter((topic) => !found.has(topic));
  return {
    changed: [...found].filter(([topic, count]) => known.get(topic) !== count).map(([topic]) => topic),
    gone: absent.filter((topic) => missing.has(topic)),
    missing: new Set(absent),
  };
}
