/** All that a segmenter remembers. Nothing else decides its verdicts, so a copy of it continues exactly. */
import { Detector } from './detector.ts';
import { Labeller } from './labeller.ts';
import type { Signature } from './signature.ts';

export interface SegmenterState {
  /** Passages accepted so far; the next one has this index. */
  passages: number;
  /** Index of the open domain's first passage; equals `passages` while none has come. */
  first: number;
  bytes: number; // of the open domain
  /** Name that the open domain's records give it; null where detection decides. */
  explicit: string | null;
  /** The domain that a bound closed and the open one goes on with; null where it began with a change. */
  continues: string | null;
  /** Seconds of the passages' own time; null where none was given. */
  firstTime: number | null;
  lastTime: number | null;
  /** The domain before a detected cut at `first`, for ramps; null otherwise. */
  before: Signature | null;
  detector: Detector;
  /** Size and time of each passage of the detector's tail. */
  recent: { readonly bytes: number; readonly time: number | null }[];
  /** Closed domains by id, the one closed longest ago first. */
  known: Map<string, Signature>;
  /** Names in use by closed domains of which no signature is kept. */
  names: Set<string>;
  /** Labels of the domains in `known` and `names` that have one. */
  labels: Map<string, string>;
  labeller: Labeller;
  /** Number of the next id. */
  next: number;
}

export function emptyState(): SegmenterState {
  return {
    passages: 0,
    first: 0,
    bytes: 0,
    explicit: null,
    continues: null,
    firstTime: null,
    lastTime: null,
    before: null,
    detector: new Detector(0),
    recent: [],
    known: new Map(),
    names: new Set(),
    labels: new Map(),
    labeller: new Labeller(),
    next: 1,
  };
}
