/** What every feed gives: records as they came, in batches that are pulled one at a time. */
import type { Features } from '../../domains/index.ts';

import type { LostRecords } from '../../events.ts';
import type { DecodedValue } from '../../text/decode.ts';

/** Where to read on, by partition name; opaque to everybody but the feed that made it. */
export type FeedOffsets = Readonly<Record<string, string>>;

/** A record of a topic as it came, for who sends it on. Nothing here is a copy, and nothing is to be trusted. */
export interface RecordOrigin {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: Uint8Array | null;
  /** By name, as the client gives them: bytes, strings, lists of both, or anything else that a hostile name brings. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** The whole payload, however long; null for a tombstone. */
  readonly value: Uint8Array | null;
}

export interface FeedRecord {
  /** The payload as it came, or its beginning where it is over the feed's bound; null for a tombstone. */
  readonly bytes: Uint8Array | null;
  /** Bytes of the whole payload; more than `bytes` holds when it was cut. */
  readonly size: number;
  /** Where the record stands, for a person: `reviews.jsonl:12`, `reviews[3]@120`. */
  readonly position: string;
  /** An explicit domain that the record's headers or its key name. */
  readonly domain?: string;
  /** The language that its headers name. */
  readonly language?: string;
  /** What a schema made of its bytes, or why it could not. */
  readonly decoded?: DecodedValue;
  /** When it was written, seconds since 1970 by the feed's clock, where the feed tells. */
  readonly time?: number;
  /** Where the feed is a topic. */
  readonly origin?: RecordOrigin;
  /** Of its text, where they were made elsewhere. */
  readonly features?: Features;
}

export interface FeedBatch {
  readonly records: readonly FeedRecord[];
  /** Where to read on once this batch is durable. */
  readonly offsets: FeedOffsets;
  /** Records known to wait behind this batch, or null where the feed cannot tell. */
  readonly lag: number | null;
  /** Records that are gone from the feed and were passed over before this batch. */
  readonly lost?: readonly LostRecords[];
}

/**
 * A feed is pulled: the next batch is read when it is asked for, so that a slow reader holds the feed back and
 * nothing is queued without bound.
 */
export interface Feed {
  /**
   * The next batch; null at the end of a feed that has one. A live feed waits, and gives an empty batch now and
   * then so that its reader can look at the clock.
   * @throws CptError CPT_FEED or CPT_KAFKA
   */
  read(): Promise<FeedBatch | null>;
  close(): Promise<void>;
}

/** @param from where an earlier run stopped; null for the beginning */
export type OpenFeed = (from: FeedOffsets | null) => Promise<Feed>;
