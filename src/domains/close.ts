/** From what a segmenter remembers to the verdict on a domain, or to what is held of one. */
import type { Features } from './features.ts';
import { type Held, joinHeld, MIXED } from './held.ts';
import { identify } from './known.ts';
import { joinRanges, type Range } from './ranges.ts';
import { Reference } from './reference.ts';
import type { SegmenterState } from './state.ts';
import type { ClosedVerdict, CloseReason } from './verdict.ts';

export interface Ending {
  readonly detectedAt: number;
  readonly reason: CloseReason;
  readonly maxKnown: number;
  /** A bound closed it, and it goes on. */
  readonly goesOn?: boolean;
}

/**
 * The verdict on the open domain, whose newest run ends with `last`.
 * @param reference of that run; grows by the earlier runs
 */
export function closeOpen(
  state: SegmenterState,
  last: number,
  reference: Reference,
  ending: Ending,
): ClosedVerdict {
  const { earlier, explicit, first } = state;
  for (const features of earlier?.features ?? []) reference.add(features);
  const continues = state.continues ?? earlier?.continues ?? null;
  state.labeller.recall(earlier?.words ?? []);
  const label = ending.goesOn ? state.labeller.labelUntil(last + 1) : state.labeller.close(last + 1);
  const closing = { reference, explicit, continues, label, holdsEarlier: state.continues !== null };
  return verdict(state, joinRanges(earlier?.ranges ?? [], [[first, last]]), closing, ending);
}

export function closeHeld(state: SegmenterState, held: Held, ending: Ending): ClosedVerdict {
  const reference = new Reference(held.ranges[0]![0]);
  for (const features of held.features) reference.add(features);
  const { name, continues } = held;
  const explicit = name === '' ? null : name;
  const label = state.labeller.closeHeld(held.words);
  const closing = { reference, explicit, continues, label, holdsEarlier: false };
  return verdict(state, held.ranges, closing, ending);
}

function verdict(
  state: SegmenterState,
  ranges: readonly Range[],
  closing: Parameters<typeof identify>[1],
  { detectedAt, reason, maxKnown }: Ending,
): ClosedVerdict {
  const identity = identify(state, closing, maxKnown);
  const [first, last] = [ranges[0]![0], ranges.at(-1)![1]];
  return { kind: 'closed', ...identity, first, last, ranges, detectedAt, reason };
}

/** Makes the open domain one that is held; a long run's features are a sample. */
export function asHeld(state: SegmenterState): Held {
  const { passages, first, detector, earlier, clock, labeller } = state;
  const run: Held = {
    name: state.explicit ?? '',
    ranges: [[first, passages - 1]],
    passages: passages - first,
    bytes: state.bytes,
    features: newest(detector, passages - first),
    firstTime: state.firstTime,
    lastTime: clock.now,
    words: labeller.leave(),
    continues: state.continues,
  };
  return earlier === null ? run : joinHeld(earlier, run);
}

function newest({ tail, reference }: SegmenterState['detector'], count: number): readonly Features[] {
  if (count <= tail.length) return tail.slice(tail.length - count);
  return [...reference.halves.flatMap((half) => half.reservoir), ...tail];
}

/** As part of what is held under no name of its own. */
export function asMixed(held: Held): Held {
  return { ...held, name: MIXED, continues: null };
}
