/** All that a segmenter remembers. Nothing else decides its verdicts, so a copy of it continues exactly. */
import { type FeedClock, freshClock } from './clock.ts';
import { Detector } from './detector.ts';
import { type Held, HeldDomains } from './held.ts';
import { Labeller } from './labeller.ts';
import type { Signature } from './signature.ts';

export interface SegmenterState {
  /** Passages accepted so far; the next one has this index. */
  passages: number;
  /** Index of the first passage of the open domain's newest run; equals `passages` while none has come. */
  first: number;
  bytes: number; // of this run
  /** Name that the open domain's records give it; null where detection decides. */
  explicit: string | null;
  /** The domain that a bound closed and the open one goes on with; null where it began with a change. */
  continues: string | null;
  clock: FeedClock;
  /** The clock at the first passage of this run; null where no time was known. */
  firstTime: number | null;
  /** Earlier runs of the open domain, where it came interleaved with others. */
  earlier: Held | null;
  /** Domains that are open beside it. */
  held: HeldDomains;
  /** The domain before a detected cut at `first`, for ramps; null otherwise. */
  before: Signature | null;
  detector: Detector;
  /** Size of each passage of the detector's tail, and the clock when it came. */
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
    clock: freshClock(),
    firstTime: null,
    earlier: null,
    held: new HeldDomains(),
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
