/**
 * Passages as bytes. Only buckets and counts are kept; the values follow from them. A bucket with its count is
 * one byte mostly: the count less one in the upper two bits, the buckets skipped since the one before in the
 * lower six. 3 above: the count follows in a byte; 63 below: the bucket follows in two.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { BUCKETS, type Features, fromCounts } from './features.ts';

const FAR = 63;
const MANY = 3;

export function writePassages(out: ByteWriter, passages: readonly Features[]): void {
  out.u32(passages.length);
  for (const { bucket, count } of passages) {
    out.u16(bucket.length);
    let next = 0;
    for (let k = 0; k < bucket.length; k++) {
      const skipped = Math.min(FAR, bucket[k]! - next);
      const repeats = Math.min(MANY, count[k]! - 1);
      out.u8((repeats << 6) | skipped);
      if (skipped === FAR) out.u16(bucket[k]!);
      if (repeats === MANY) out.u8(count[k]!);
      next = bucket[k]! + 1;
    }
  }
}

/** Throws RangeError for more than `most` passages or what no passage has. */
export function readPassages(input: ByteReader, most: number): Features[] {
  const length = input.u32();
  if (length > most) throw new RangeError(`${length} passages, at most ${most}`);
  return Array.from({ length }, () => {
    const bucket = new Uint16Array(input.u16());
    const count = new Uint8Array(bucket.length);
    let next = 0;
    for (let k = 0; k < bucket.length; k++) {
      const byte = input.u8();
      const skipped = byte & FAR;
      bucket[k] = skipped === FAR ? input.u16() : next + skipped;
      count[k] = byte >> 6 === MANY ? input.u8() : (byte >> 6) + 1;
      if (bucket[k]! < next || bucket[k]! >= BUCKETS) throw new RangeError(`bucket ${bucket[k]}`);
      next = bucket[k]! + 1;
    }
    return fromCounts(bucket, count);
  });
}
