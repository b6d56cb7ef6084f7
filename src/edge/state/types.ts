/** What a run's state holds. */
import type { Snapshot } from '../../domains/index.ts';
import type { Range } from '../../domains/ranges.ts';
import type { CptEvent, StateMigrated } from '../../events.ts';
import type { FeedOffsets } from '../feed/feed.ts';
import type { Step } from './migrate.ts';
import type { SampleBounds } from './sample.ts';

/** A closed domain. */
export interface ClosedDomain {
  readonly domain: string;
  /** Its passages by index, 0-based and inclusive. */
  readonly ranges: readonly Range[];
  readonly returnOf: string | null;
  readonly label?: string | null;
  /** Ids of the known domains nearest to it, nearest first. */
  readonly near: readonly string[];
  /** The domains' signatures as they were when this one closed; goes into its checkpoint's `router.json`. */
  readonly signatures: unknown;
}

/** A task that waits or runs. Closed domains that were joined in it may have left a sample of their passages. */
export interface Task extends ClosedDomain {
  /** Counted from 1 over the lineage. */
  readonly task: number;
  /** Passages of the closed domains in it; more than are left in `ranges` where these are a sample. */
  readonly seen: number;
  /** Passages that the sample may have; null while nothing had to go. */
  readonly most: number | null;
  /** Size of what is left. */
  readonly bytes: number;
  /** It was begun: nothing joins it any more. */
  readonly begun: boolean;
}

/** What one batch of a feed changes. */
export interface Turn {
  readonly offsets: FeedOffsets;
  readonly segmenter: Snapshot;
  /** Index of the first of `texts` among the accepted passages. */
  readonly first: number;
  readonly texts: readonly string[];
  readonly closed: readonly ClosedDomain[];
  readonly deadLetters: number;
  /** Length of the dead-letter file with this batch's letters in it. */
  readonly deadLetterBytes: number;
  readonly events: Happened;
}

/** Events that a transaction records. */
export interface Happened {
  /** Kept for reports, the newest of them. */
  readonly history: readonly CptEvent[];
  /** Waiting to be sent. */
  readonly outgoing: readonly CptEvent[];
}

export interface Progress {
  readonly offsets: FeedOffsets | null;
  readonly segmenter: Snapshot | null;
  /** Passages accepted so far. */
  readonly accepted: number;
  /** Tasks so far: those that wait, and those that are done. */
  readonly tasks: number;
  readonly trained: number;
  /** Passages that wait for their task or for their domain's end, and their size. */
  readonly waitingPassages: number;
  readonly waitingBytes: number;
  /** When the newest task was begun, seconds since 1970; null before the first. */
  readonly begunAt: number | null;
  readonly deadLetters: number;
  readonly deadLetterBytes: number;
  /** True once a feed that ends has ended. */
  readonly ended: boolean;
}

export interface Outgoing {
  readonly sequence: number;
  readonly event: CptEvent;
}

/** How closed domains of one name are joined while their task waits. */
export interface Joining extends SampleBounds {
  /** Of the sample beyond these bounds. */
  readonly seed: string;
}

export interface StateOptions {
  readonly lineage: string;
  /** Opened to retire a domain: a retirement that was interrupted can be completed. */
  readonly retires?: boolean;
  /** What passages are told apart by, see `FeatureSource`; absent where none are read. */
  readonly features?: string;
  /** Absent: each closed domain is a task of its own. */
  readonly joining?: Joining | null;
  /** Ways from earlier versions; default: those that there are. */
  readonly steps?: readonly Step[];
  /** Called once where the state was of an earlier version. */
  readonly onMigrated?: (event: StateMigrated) => void;
  /** Called at named points of a transaction, for crash tests. */
  readonly at?: (point: string) => void;
}
