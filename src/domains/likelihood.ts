/**
 * How likely a domain makes a passage: naive Bayes over the buckets. A domain draws buckets by their shares of its
 * mean features; a passage counts each of its buckets as often as its value says.
 */
import { BUCKETS, type Features } from './features.ts';
import type { Reference } from './reference.ts';

/** Part of all weight that is spread evenly over the buckets, so that no share is 0. */
const SMOOTHING = 0.01;
/** Nats; passages that are all alike would otherwise make everything else infinitely far. */
const LEAST_SPREAD = 0.05;

/** The likelihood of a domain's own passages under it, in nats. */
export interface OwnLikelihood {
  readonly mean: number;
  /** Standard deviation. */
  readonly spread: number;
}

/** Natural logarithms of the buckets' smoothed shares of `mean`, which may have any scale. */
export function logShares(mean: ArrayLike<number>): Float64Array {
  let total = 0;
  for (let i = 0; i < BUCKETS; i++) total += mean[i]!;
  return Float64Array.from({ length: BUCKETS }, (_, i) => Math.log(smoothed(mean[i]!, total)));
}

function smoothed(part: number, total: number): number {
  const share = total > 0 ? part / total : 1 / BUCKETS;
  return (share + SMOOTHING / BUCKETS) / (1 + SMOOTHING);
}

/** Σ value · log share over Σ value: nats for each unit of the passage's weight. The passage has a bucket. */
export function likelihood({ bucket, value }: Features, shares: Float64Array): number {
  let sum = 0;
  let weight = 0;
  for (let k = 0; k < bucket.length; k++) {
    sum += value[k]! * shares[bucket[k]!]!;
    weight += value[k]!;
  }
  return sum / weight;
}

/** Of the reservoirs' passages, each under the shares of all passages but itself; one that is alone has none. */
export function ownLikelihood({ halves: [a, b] }: Reference): OwnLikelihood {
  const sum = a.sum.map((own, i) => own + b.sum[i]!);
  const total = sum.reduce((all, value) => all + value, 0);
  let n = 0;
  let nats = 0;
  let squares = 0;
  for (const { bucket, value } of [...a.reservoir, ...b.reservoir]) {
    const weight = value.reduce((all, v) => all + v, 0);
    const left = total - weight;
    if (weight === 0 || left <= 0) continue;
    let inner = 0;
    for (let k = 0; k < bucket.length; k++) {
      const others = Math.max(0, sum[bucket[k]!]! - value[k]!);
      inner += value[k]! * Math.log(smoothed(others, left));
    }
    n++;
    nats += inner / weight;
    squares += (inner / weight) ** 2;
  }
  return n === 0 ? { mean: 0, spread: LEAST_SPREAD } : moments(nats / n, squares / n);
}

/** Of the passages of both, `n` and `m` of them. */
export function pooled(a: OwnLikelihood, n: number, b: OwnLikelihood, m: number): OwnLikelihood {
  const share = n / (n + m);
  const square = ({ mean, spread }: OwnLikelihood): number => spread * spread + mean * mean;
  return moments(share * a.mean + (1 - share) * b.mean, share * square(a) + (1 - share) * square(b));
}

function moments(mean: number, square: number): OwnLikelihood {
  return { mean, spread: Math.max(LEAST_SPREAD, Math.sqrt(Math.max(0, square - mean * mean))) };
}
