/**
 * A ramp: one domain passes slowly into the next. The cut comes early in it, so that the new domain's reference
 * is a mixture, and the statistic soon rises again. It is the same passage still when the new direction goes on
 * away from the domain before, and the passages since the cut are no domain of their own: too few, or changing
 * all along. A mixture that stays what it is and then ends is a domain.
 */
import { BUCKETS, type Features } from './features.ts';
import type { Reference } from './reference.ts';
import { SCALE, type Signature } from './signature.ts';
import { addTo } from './vectors.ts';

/** A change this soon after a cut may be the same one, still going on. Passages. */
export const RAMP_PASSAGES = 500;
/** 0.88 to 1.2 on ramps of real text; a third domain is seldom above 0.6. */
const COSINE = 0.7;
/** Passages: a mixture of fewer, on the way from one domain to the next, is a part of that way. */
const STRETCH = 120;
/** Between 0 for a step and 1 for a straight line: at most 0.16 and at least 0.18 on real text. */
const TREND = 0.17;

/** Whether the change to `run`, after the passages `since` the cut from `before`, is that cut's still. */
export function goesOn(
  since: readonly Features[],
  run: readonly Features[],
  reference: Reference,
  before: Signature,
): boolean {
  if (onward(run, reference, before) <= COSINE) return false;
  return since.length < STRETCH || trend(since, run, reference.weights) > TREND;
}

/**
 * Cosine between (run − reference) and (reference − before). Every product is of estimates that share no
 * passage, so that the noise of the reference, which stands in both with opposite signs, does not enter.
 * 0 where one of the lengths is lost in noise.
 */
export function onward(run: readonly Features[], reference: Reference, before: Signature): number {
  const { weights, halves } = reference;
  const runs = [new Float64Array(weights.length), new Float64Array(weights.length)] as const;
  for (const [i, features] of run.entries()) addTo(runs[i & 1]!, features);
  const counts = [(run.length + 1) >> 1, run.length >> 1] as const;
  let inner = 0;
  let ahead = 0;
  let behind = 0;
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    const r0 = halves[0].sum[i]! / halves[0].count;
    const r1 = halves[1].sum[i]! / halves[1].count;
    const b0 = before.means[0][i]! / SCALE;
    const b1 = before.means[1][i]! / SCALE;
    const t0 = runs[0][i]! / counts[0];
    const t1 = runs[1][i]! / counts[1];
    const t = (runs[0][i]! + runs[1][i]!) / run.length;
    const b = (b0 + b1) / 2;
    inner += (w * ((t - r0) * (r1 - b) + (t - r1) * (r0 - b))) / 2;
    ahead += w * (t0 - r0) * (t1 - r1);
    behind += w * (r0 - b0) * (r1 - b1);
  }
  return ahead > 0 && behind > 0 ? inner / Math.sqrt(ahead * behind) : 0;
}

/**
 * How far the passages since the cut and those of the run go on changing, each among themselves: the second half
 * less the first half of either, along the way from the one to the other and over its length. 1 for a straight
 * line, 0 for a step, which is a domain that ends. Products are of means that share no passage.
 */
export function trend(since: readonly Features[], run: readonly Features[], weights: Float64Array): number {
  const quarters = [...halved(since), ...halved(run)].map(everyOther);
  const way = (k: 0 | 1, i: number): number =>
    quarters[2]![k][i]! + quarters[3]![k][i]! - quarters[0]![k][i]! - quarters[1]![k][i]!;
  let within = 0;
  let between = 0;
  for (let i = 0; i < weights.length; i++) {
    for (const [k, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const along = weights[i]! * way(k, i);
      const [a, b, c, d] = quarters.map((quarter) => quarter[other][i]!) as [number, number, number, number];
      within += along * (b - a + d - c);
      between += along * ((c + d - a - b) / 2);
    }
  }
  return between > 0 ? within / between : 0;
}

function halved(passages: readonly Features[]): [readonly Features[], readonly Features[]] {
  const middle = passages.length >> 1;
  return [passages.slice(0, middle), passages.slice(middle)];
}

/** Means of every other passage and of the rest. */
function everyOther(passages: readonly Features[]): readonly [Float64Array, Float64Array] {
  const means = [new Float64Array(BUCKETS), new Float64Array(BUCKETS)] as const;
  for (const [i, features] of passages.entries()) addTo(means[i & 1]!, features);
  for (const k of [0, 1] as const) {
    const count = (passages.length + 1 - k) >> 1;
    for (let i = 0; i < BUCKETS; i++) means[k][i]! /= count;
  }
  return means;
}
