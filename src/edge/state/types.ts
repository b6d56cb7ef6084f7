/** What a run's state holds. */
import type { Snapshot } from '../../domains/index.ts';
import type { CptEvent } from '../../events.ts';
import type { FeedOffsets } from '../feed/feed.ts';

/** A closed domain that waits for its task. Indices are 0-based and inclusive. */
export interface ClosedDomain {
  /** Counted from 1 over the lineage. */
  readonly task: number;
  readonly domain: string;
  readonly first: number;
  readonly last: number;
  readonly returnOf: string | null;
  readonly label?: string | null;
  /** Ids of the known domains nearest to it, nearest first. */
  readonly near: readonly string[];
  /** The domains' signatures as they were when this one closed; goes into its checkpoint's `router.json`. */
  readonly signatures: unknown;
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
  /** Domains closed and trained so far. */
  readonly closed: number;
  readonly trained: number;
  readonly deadLetters: number;
  readonly deadLetterBytes: number;
  /** True once a feed that ends has ended. */
  readonly ended: boolean;
}

export interface Outgoing {
  readonly sequence: number;
  readonly event: CptEvent;
}

export interface StateOptions {
  readonly lineage: string;
  /** What passages are told apart by, see `FeatureSource`; absent where none are read. */
  readonly features?: string;
  /** Called at named points of a transaction, for crash tests. */
  readonly at?: (point: string) => void;
}
