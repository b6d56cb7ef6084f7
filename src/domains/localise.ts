/**
 * Where a change began. Each passage of the tail is projected on the direction from the reference to the new
 * run, which is fitted without that passage, and scored against the midpoint; the boundary is the start of the
 * suffix with the greatest sum, and the search repeats from there until it stays.
 */
import type { Features } from './features.ts';
import type { Reference } from './reference.ts';
import { addTo, dotSparse } from './vectors.ts';

export interface Location {
  /** Index in the tail of the first passage of the new run. */
  readonly start: number;
  /** Whether the run reaches the newest passages; a burst that is over does not. */
  readonly lasts: boolean;
}

const SHORTEST = 8; // passages in a run: fewer say too little about a direction
const ROUNDS = 12;

/** Refines a first guess `start` of where in `tail` the new run begins. */
export function localise(tail: readonly Features[], start: number, reference: Reference): Location {
  const latest = tail.length - SHORTEST;
  let at = Math.max(0, Math.min(start, latest));
  const scored = scorer(tail, reference);
  let scores = scored(at);
  for (let round = 0; round < ROUNDS; round++) {
    const next = bestSuffix(scores, latest);
    if (next === at) break;
    at = next;
    scores = scored(at);
  }
  const recent = Math.max(5, (tail.length - at) >> 2);
  let ending = 0;
  for (let i = tail.length - recent; i < tail.length; i++) ending += scores[i]!;
  return { start: at, lasts: ending > 0 };
}

function bestSuffix(scores: Float64Array, latest: number): number {
  let sum = 0;
  let best = Number.NEGATIVE_INFINITY;
  let start = latest;
  for (let i = scores.length - 1; i >= 0; i--) {
    sum += scores[i]!;
    if (i <= latest && sum > best) {
      best = sum;
      start = i;
    }
  }
  return start;
}

/** `scoresFrom` any start: what does not depend on the start is computed once. */
function scorer(tail: readonly Features[], reference: Reference): (start: number) => Float64Array {
  const { weights, halves } = reference;
  const old = new Float64Array(weights.length);
  let oldOld = 0;
  const [a, b] = halves;
  for (let i = 0; i < weights.length; i++) {
    old[i] = (a.sum[i]! + b.sum[i]!) / (a.count + b.count);
    oldOld += (weights[i]! * a.sum[i]! * b.sum[i]!) / (a.count * b.count);
  }
  const own = new Float64Array(tail.length);
  const withOld = new Float64Array(tail.length);
  for (let i = 0; i < tail.length; i++) {
    const { bucket, value } = tail[i]!;
    for (let k = 0; k < bucket.length; k++) {
      const at = bucket[k]!;
      const weighted = weights[at]! * value[k]!;
      own[i]! += weighted * value[k]!;
      withOld[i]! += weighted * old[at]!;
    }
  }
  return (start) => scoresFrom(tail, start, weights, { own, withOld, oldOld });
}

interface Fixed {
  readonly own: Float64Array; // |x|²
  readonly withOld: Float64Array; // x · M
  readonly oldOld: number; // |M|²
}

/**
 * (x − (S + M)/2) · w²(S − M) for each passage x of the tail, S the mean of the run from `start` without x and
 * M the reference's mean. |S|² and |M|² are taken over pairs of distinct passages, so that the noise of a short
 * run does not move the midpoint.
 */
function scoresFrom(
  tail: readonly Features[],
  start: number,
  weights: Float64Array,
  { own, withOld, oldOld }: Fixed,
): Float64Array {
  const run = new Float64Array(weights.length);
  for (let i = start; i < tail.length; i++) addTo(run, tail[i]!);
  const weighted = new Float64Array(weights.length);
  let runRun = 0;
  for (let i = 0; i < weights.length; i++) {
    weighted[i] = weights[i]! * run[i]!;
    runRun += weighted[i]! * run[i]!;
  }
  const withRun = Float64Array.from(tail, (features) => dotSparse(features, weighted)); // x · Σ run
  let ownOfRun = 0;
  for (let i = start; i < tail.length; i++) ownOfRun += own[i]!;
  const scores = new Float64Array(tail.length);
  for (let i = 0; i < tail.length; i++) {
    const inside = i >= start;
    const n = tail.length - start - (inside ? 1 : 0);
    const along = (withRun[i]! - (inside ? own[i]! : 0)) / n - withOld[i]!;
    const pairs = inside ? runRun - 2 * withRun[i]! + own[i]! - (ownOfRun - own[i]!) : runRun - ownOfRun;
    scores[i] = along - (pairs / (n * (n - 1)) - oldOld) / 2;
  }
  return scores;
}
