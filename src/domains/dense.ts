/**
 * A dense vector as the sparse features that everything here works on. Component k goes to bucket 2k where it is
 * positive and to 2k + 1 where it is negative, with a count of which log(1 + count) is as near as a whole number
 * comes to SCALE times its size in units of the vector's own root mean square. So `value` is the vector at length 1,
 * signs apart; what is smaller than a quarter of that unit has no bucket, beyond 3.7 units it saturates.
 */
import { BUCKETS, type Features, fromCounts } from './features.ts';

export const MOST_DIMENSIONS = BUCKETS / 2;
const SCALE = 1.5;
const MOST = 255;

/** @throws RangeError for more than MOST_DIMENSIONS components; a vector of zeros, or with one that is not finite, has no buckets */
export function denseFeatures(vector: ArrayLike<number>): Features {
  if (vector.length > MOST_DIMENSIONS) throw new RangeError(`${vector.length} dimensions`);
  let squares = 0;
  for (let k = 0; k < vector.length; k++) squares += vector[k]! * vector[k]!;
  const unit = Math.sqrt(squares / vector.length);
  const bucket: number[] = [];
  const count: number[] = [];
  if (unit > 0 && Number.isFinite(unit)) {
    for (let k = 0; k < vector.length; k++) {
      const times = Math.min(MOST, Math.round(Math.expm1((SCALE * Math.abs(vector[k]!)) / unit)));
      if (times === 0) continue;
      bucket.push(vector[k]! > 0 ? 2 * k : 2 * k + 1);
      count.push(times);
    }
  }
  return fromCounts(Uint16Array.from(bucket), Uint8Array.from(count));
}
