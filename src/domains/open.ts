/** The open domain, as it begins. */
import type { Extent } from './bounds.ts';
import { Detector } from './detector.ts';
import type { Features } from './features.ts';
import type { SegmenterState } from './state.ts';

/** Its newest run, with the earlier ones. */
export function extentOf({ passages, first, bytes, firstTime, earlier }: SegmenterState): Extent {
  return {
    passages: passages - first + (earlier?.passages ?? 0),
    bytes: bytes + (earlier?.bytes ?? 0),
    firstTime: earlier?.firstTime ?? firstTime,
  };
}

/** Begins a domain at `first`, of which the newest passages are `run`. */
export function openAt(state: SegmenterState, first: number, run: readonly Features[]): void {
  const own = state.passages - first;
  const recent = own > 0 ? state.recent.slice(-own) : [];
  state.first = first;
  state.explicit = null;
  state.continues = null;
  state.earlier = null;
  state.before = null;
  state.bytes = recent.reduce((sum, passage) => sum + passage.bytes, 0);
  state.firstTime = recent[0]?.time ?? null;
  watchFrom(state, first, run);
}

/** A bound closed the domain so far as `domain`; it goes on with the next passage. */
export function goOn(state: SegmenterState, domain: string): void {
  state.first = state.passages;
  state.continues = domain;
  state.earlier = null;
  state.bytes = 0;
  state.firstTime = null;
}

/** Lets a new detector begin with the newest passages, `run`, the first of which is `first`. */
export function watchFrom(state: SegmenterState, first: number, run: readonly Features[]): void {
  state.detector = new Detector(first, state.detector.noise.handOn());
  for (const features of run) state.detector.push(features);
  trimRecent(state);
}

/** Sizes and times are kept of the detector's tail alone. */
export function trimRecent({ recent, detector }: SegmenterState): void {
  const surplus = recent.length - detector.tail.length;
  if (surplus > 0) recent.splice(0, surplus);
}
