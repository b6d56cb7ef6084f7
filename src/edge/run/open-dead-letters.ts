/** Where records without a passage go: a file in the state folder, or a topic that a setting names. */
import path from 'node:path';
import { type DeadLetters, openDeadLetters } from '../dead-letters.ts';
import type { FeedSetting } from './open-feed.ts';

export interface DeadLetterSetting extends Pick<FeedSetting, 'lineage' | 'kafka' | 'logger'> {
  /** `kafka://host:port/topic`, or empty for the file. */
  readonly deadLetters: string;
}

/**
 * @param folder of the state
 * @param fileBytes the file's length as it was stored last
 * @throws CptError CPT_DISK_FULL, CPT_STATE, CPT_KAFKA
 */
export async function deadLettersOf(
  setting: DeadLetterSetting,
  folder: string,
  fileBytes: number,
): Promise<DeadLetters> {
  const { deadLetters, lineage } = setting;
  if (deadLetters === '') return openDeadLetters(path.join(folder, 'dead-letters.jsonl'), fileBytes);
  const { parseTopicUrl } = await import('../kafka/url.ts');
  const { openDeadLetterTopic } = await import('../kafka/dead-letters.ts');
  const { connectionOf } = await import('../kafka/connection.ts');
  return openDeadLetterTopic({
    ...parseTopicUrl(deadLetters),
    ...connectionOf(setting),
    lineage,
    fileBytes,
    now: Date.now,
    clock: () => performance.now() / 1000,
  });
}
