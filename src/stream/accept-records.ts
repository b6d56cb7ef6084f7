import { map, type OperatorFunction } from 'rxjs';
import type { Features } from '../domains/index.ts';
import type { DeadLetterReason } from '../errors.ts';
import type { Decoded } from '../text/decode.ts';

/** A record as a feed gives it; see `FeedRecord`. */
export interface RecordLike {
  readonly position: string;
  readonly time?: number;
  readonly features?: Features;
}

export interface Passage {
  readonly text: string;
  /** The domain that the record itself names, or null. */
  readonly domain: string | null;
  /** Seconds by the feed's clock, or null. */
  readonly time: number | null;
  /** Made elsewhere; absent: the segmenter makes them of the words. */
  readonly features?: Features;
}

export interface Rejected<R> {
  readonly record: R;
  readonly reason: DeadLetterReason;
  readonly detail: string;
}

/** A batch whose records are told apart: passages in feed order, and what goes to the dead letters. */
export interface Accepted<B, R> {
  readonly batch: B;
  readonly passages: readonly Passage[];
  /** The records of the passages, in their order. */
  readonly records: readonly R[];
  readonly rejected: readonly Rejected<R>[];
  /** How many were left out for their language. */
  readonly skipped: number;
}

/** Decodes every record of a batch; a bad one never stops its neighbours. */
export function acceptRecords<R extends RecordLike, B extends { readonly records: readonly R[] }>(
  decode: (record: R) => Decoded,
): OperatorFunction<B, Accepted<B, R>> {
  return map((batch) => {
    const passages: Passage[] = [];
    const records: R[] = [];
    const rejected: Rejected<R>[] = [];
    let skipped = 0;
    for (const record of batch.records) {
      const decoded = decode(record);
      if (decoded.ok) {
        const { text, domain, time = record.time ?? null } = decoded;
        const { features } = record;
        records.push(record);
        passages.push(features === undefined ? { text, domain, time } : { text, domain, time, features });
      } else if (decoded.reason === 'language') skipped++;
      else rejected.push({ record, reason: decoded.reason, detail: decoded.detail });
    }
    return { batch, passages, records, rejected, skipped };
  });
}
