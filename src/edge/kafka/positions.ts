/** Where each partition is read to, and how much waits behind. Pure: the marks come from outside. */
import { CptError } from '../../errors.ts';
import type { LostRecords } from '../../events.ts';
import type { FeedOffsets } from '../feed/feed.ts';
import { nameOf, type Place, partsOf, placeOf } from './place.ts';

export interface Mark {
  /** The first offset that the partition still holds. */
  readonly low: bigint;
  /** The offset that the next record will get. */
  readonly high: bigint;
}

/**
 * What to do where the record to be read next is gone: stop, go on with the first that there is, or with the
 * first that comes.
 */
export type OnLost = 'fail' | 'earliest' | 'latest';

export interface Start {
  readonly next: Map<Place, bigint>;
  /** Stored offsets of topics that are not read now; they stay in the state. */
  readonly aside: Map<Place, bigint>;
  readonly lost: LostRecords[];
}

/**
 * Starts every partition at its stored offset, or at its low mark where none is stored.
 * @param only the topic whose offsets a state of an earlier version has under bare partition numbers, where the
 * feed reads one topic by its name
 * @throws CptError CPT_STATE for what is no offset, CPT_KAFKA under `fail` where one is not in its topic
 */
export function startPositions(
  from: FeedOffsets | null,
  marks: ReadonlyMap<Place, Mark>,
  onLost: OnLost,
  only: string | null,
): Start {
  const next = new Map<Place, bigint>([...marks].map(([place, { low }]) => [place, low]));
  const aside = new Map<Place, bigint>();
  const lost: LostRecords[] = [];
  const topics = new Set([...marks.keys()].map((place) => partsOf(place).topic));
  for (const [name, text] of Object.entries(from ?? {})) {
    const place = storedPlace(name, text, only);
    const offset = BigInt(text);
    if (!topics.has(partsOf(place).topic)) {
      aside.set(place, offset);
      continue;
    }
    const settled = settle(place, offset, marks.get(place), onLost);
    if (settled.lost !== null) lost.push(settled.lost);
    if (marks.has(place)) next.set(place, settled.next);
  }
  return { next, aside, lost };
}

function storedPlace(name: string, text: string, only: string | null): Place {
  const [, topic = only, partition] = /^(?:([a-zA-Z0-9._-]{1,249})\/)?(\d{1,9})$/.exec(name) ?? [];
  if (partition === undefined || topic === null || !/^\d{1,19}$/.test(text)) {
    throw new CptError('CPT_STATE', `The stored offset ${name}=${text} is not one of this Kafka feed.`, {
      hint: 'Was this state folder written from another feed? Start with a new one.',
    });
  }
  return placeOf(topic, Number(partition));
}

/**
 * Where to go on from an offset, and what that leaves out.
 * @param mark undefined where the topic has no such partition any more
 * @throws CptError CPT_KAFKA under `fail`, where anything is left out
 */
export function settle(
  place: Place,
  at: bigint,
  mark: Mark | undefined,
  onLost: OnLost,
): { readonly next: bigint; readonly lost: LostRecords | null } {
  const { low, high } = mark ?? { low: 0n, high: 0n };
  if (mark !== undefined && at >= low && at <= high) return { next: at, lost: null };
  const removed = mark !== undefined && at < low;
  if (onLost === 'fail') throw removed ? removedError(place, at, low) : recreatedError(place, at, mark);
  const next = onLost === 'latest' ? high : low;
  const lost = {
    ...partsOf(place),
    reason: removed ? 'removed' : 'recreated',
    from: Number(at),
    // The old topic's end is not known, as it is gone.
    to: removed ? Number(next - 1n) : null,
    count: removed ? Number(next - at) : null,
    next: Number(next),
  } as const;
  return { next, lost };
}

function removedError(place: Place, at: bigint, low: bigint): CptError {
  const what = `Records ${at} to ${low - 1n} of ${nameOf(place)} were removed before they were read.`;
  const hint = "Raise the topic's retention; --on-lost earliest goes on without them and says so.";
  return new CptError('CPT_KAFKA', what, { hint });
}

function recreatedError(place: Place, at: bigint, mark: Mark | undefined): CptError {
  const detail = mark === undefined ? 'there is no such partition' : `it ends at ${mark.high}`;
  const what = `${nameOf(place)} is not the topic that was read before: ${detail}, ${at} was next.`;
  const hint =
    'Was it deleted and made anew, or is it on another cluster? --on-lost earliest reads it as new.';
  return new CptError('CPT_KAFKA', what, { hint });
}

/** Records that wait: the sum over the partitions of high mark less next offset. */
export function lagOf(next: ReadonlyMap<Place, bigint>, marks: ReadonlyMap<Place, Mark>): number {
  let lag = 0n;
  for (const [place, { low, high }] of marks) {
    const at = next.get(place) ?? low;
    if (high > at) lag += high - at;
  }
  return Number(lag);
}

/** Whether every partition is read up to `ends`. */
export function reached(next: ReadonlyMap<Place, bigint>, ends: ReadonlyMap<Place, Mark>): boolean {
  return [...ends].every(([place, { low, high }]) => (next.get(place) ?? low) >= high);
}

export function toOffsets(next: ReadonlyMap<Place, bigint>): FeedOffsets {
  return Object.fromEntries([...next].map(([place, offset]) => [place, String(offset)]));
}
