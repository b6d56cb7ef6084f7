/** What a feed says: passages read, records put aside, reading held back. */
import type { DeadLetterReason } from '../errors.ts';
import type { SkipReason } from '../text/decode.ts';

export interface PassagesRead {
  readonly event: 'PassagesRead';
  readonly lineage: string;
  readonly accepted: number;
  readonly bytes: number;
  /** Passages known to wait in the feed, or null where the feed cannot tell. */
  readonly lag: number | null;
}

/** Records that were left out though nothing is wrong with them. */
export interface PassagesSkipped {
  readonly event: 'PassagesSkipped';
  readonly lineage: string;
  readonly reason: SkipReason;
  readonly count: number;
}

export interface DeadLetter {
  readonly event: 'DeadLetter';
  readonly lineage: string;
  readonly reason: DeadLetterReason;
  /** Where the record stands in its feed, for example `reviews.jsonl:12`. */
  readonly position: string;
}

/** What must be sent waits because it is not taken; or, with nothing waiting, that this is over. */
export interface SendingHeld {
  readonly event: 'SendingHeld';
  readonly lineage: string;
  readonly of: 'dead_letters' | 'events';
  readonly waiting: number;
  /** Since when, seconds. */
  readonly seconds: number;
  /** Why; null once it is over. */
  readonly message: string | null;
}

export interface BackpressureApplied {
  readonly event: 'BackpressureApplied';
  readonly lineage: string;
  readonly seconds: number;
}

/** Records that a feed should have read next and could not, because they are gone from it. */
export interface LostRecords {
  readonly topic: string;
  readonly partition: number;
  /** They were removed before they were read, or the topic was deleted or made anew. */
  readonly reason: 'removed' | 'deleted' | 'recreated';
  /** Offset of the first of them. */
  readonly from: number;
  /** Offset of the last of them, null where it cannot be known. */
  readonly to: number | null;
  readonly count: number | null;
  /** The offset that reading went on with. */
  readonly next: number;
}

export interface RecordsLost extends LostRecords {
  readonly event: 'RecordsLost';
  readonly lineage: string;
}
