/** Arithmetic on dense rows of BUCKETS numbers and sparse features. */
import type { Features } from './features.ts';

/** `sum += sign · features`. */
export function addTo(sum: Float64Array, features: Features, sign = 1): void {
  const { bucket, value } = features;
  for (let k = 0; k < bucket.length; k++) sum[bucket[k]!]! += sign * value[k]!;
}

/** Inner product of sparse features with a dense row. */
export function dotSparse(features: Features, row: Float64Array): number {
  const { bucket, value } = features;
  let dot = 0;
  for (let k = 0; k < bucket.length; k++) dot += value[k]! * row[bucket[k]!]!;
  return dot;
}
