/** Where each partition of a topic is read to, and how much waits behind. Pure: the marks come from outside. */
import { CptError } from '../../errors.ts';
import type { FeedOffsets } from '../feed/feed.ts';

export interface Mark {
  /** The first offset that the topic still holds. */
  readonly low: bigint;
  /** The offset that the next record will get. */
  readonly high: bigint;
}

/**
 * Starts every partition at its stored offset, or at its low mark where none is stored.
 * @throws CptError CPT_KAFKA where a stored offset is not in the topic any more, or not in it yet
 */
export function startPositions(
  topic: string,
  from: FeedOffsets | null,
  marks: ReadonlyMap<number, Mark>,
): Map<number, bigint> {
  const next = new Map<number, bigint>();
  for (const [partition, { low }] of marks) next.set(partition, low);
  for (const [name, text] of Object.entries(from ?? {})) {
    const partition = /^\d{1,9}$/.test(name) ? Number(name) : -1;
    if (partition < 0 || !/^\d{1,19}$/.test(text)) {
      throw new CptError('CPT_STATE', `The stored offset ${name}=${text} is not one of a Kafka feed.`, {
        hint: 'Was this state folder written from another feed? Start with a new one.',
      });
    }
    const mark = marks.get(partition);
    if (mark === undefined) throw recreated(topic, partition, `the topic has ${marks.size} partitions`);
    const offset = BigInt(text);
    if (offset > mark.high) throw recreated(topic, partition, `it ends at ${mark.high}, ${offset} was next`);
    if (offset < mark.low) throw lost(topic, partition, offset, mark.low);
    next.set(partition, offset);
  }
  return next;
}

/** Records that wait: the sum over the partitions of high mark less next offset. */
export function lagOf(next: ReadonlyMap<number, bigint>, marks: ReadonlyMap<number, Mark>): number {
  let lag = 0n;
  for (const [partition, { low, high }] of marks) {
    const at = next.get(partition) ?? low;
    if (high > at) lag += high - at;
  }
  return Number(lag);
}

/** Whether every partition is read up to `ends`. */
export function reached(next: ReadonlyMap<number, bigint>, ends: ReadonlyMap<number, Mark>): boolean {
  return [...ends].every(([partition, { low, high }]) => (next.get(partition) ?? low) >= high);
}

export function toOffsets(next: ReadonlyMap<number, bigint>): FeedOffsets {
  return Object.fromEntries([...next].map(([partition, offset]) => [String(partition), String(offset)]));
}

/** The topic dropped records before they were read. */
export function lost(topic: string, partition: number, next: bigint, low: bigint): CptError {
  return new CptError(
    'CPT_KAFKA',
    `Records ${next} to ${low - 1n} of ${topic}[${partition}] were removed before they were read.`,
    { hint: "Raise the topic's retention; to go on without them, start with a new state folder." },
  );
}

/** The topic holds less than was read from it. */
export function recreated(topic: string, partition: number, detail: string): CptError {
  return new CptError(
    'CPT_KAFKA',
    `${topic}[${partition}] is not the topic that was read before: ${detail}.`,
    { hint: 'It was deleted and made anew, or is on another cluster; start with a new state folder.' },
  );
}
