/**
 * The cross-fitted statistic. A window is cut into three blocks. For block k and half h of the reference:
 *
 *     direction  v = (mean of the two other blocks − mean of half h) ∘ w²
 *     z(k, h)      = (mean of block k − mean of half o) · v  /  (s · √(1/n_k + 1/n_o))
 *
 * where o is the other half and s the standard deviation of v · x over the reservoir of o. v is never fitted on
 * what it is read on, so without a change z is centred at 0 whatever the number of buckets. The statistic is the
 * least over the blocks of the mean over the halves: a burst, which fills one block only, does not raise it.
 */
import type { Half, Reference } from './reference.ts';
import { dotSparse } from './vectors.ts';

/** Sum of the features of `count` passages. */
export interface Block {
  readonly sum: Float64Array;
  readonly count: number;
}

export interface Change {
  /** The statistic, in standard errors; 0 where one of the blocks speaks against a change. */
  readonly z: number;
  /** The shift along the fitted directions, in standard deviations of one passage: mean over blocks, halves. */
  readonly effect: number;
}

const NONE: Change = { z: 0, effect: 0 };

/** Compares three blocks with the reference, both halves of which must have at least two passages. */
export function crossFit(blocks: readonly [Block, Block, Block], reference: Reference): Change {
  // Most looks end here: without a change all three shifts are seldom positive, and the spreads cost the most.
  if (!shifts(blocks, reference).every((shift) => shift > 0)) return NONE;
  const [a, b] = reference.halves;
  let least = Number.POSITIVE_INFINITY;
  let effects = 0;
  for (let k = 0; k < 3; k++) {
    const others = [blocks[(k + 1) % 3]!, blocks[(k + 2) % 3]!] as const;
    const ab = read(blocks[k]!, others, a, b, reference.weights);
    const ba = read(blocks[k]!, others, b, a, reference.weights);
    least = Math.min(least, (ab.z + ba.z) / 2);
    effects += ab.effect + ba.effect;
  }
  return least > 0 ? { z: least, effect: effects / 6 } : NONE;
}

/** For each block (its mean − half o) · v, summed over both ways round. */
function shifts(blocks: readonly [Block, Block, Block], reference: Reference): [number, number, number] {
  const { weights, halves } = reference;
  const [a, b] = halves;
  const [x, y, z] = blocks;
  let [first, second, third] = [0, 0, 0];
  for (let i = 0; i < weights.length; i++) {
    const w = weights[i]!;
    const ma = a.sum[i]! / a.count;
    const mb = b.sum[i]! / b.count;
    const mx = x.sum[i]! / x.count;
    const my = y.sum[i]! / y.count;
    const mz = z.sum[i]! / z.count;
    const ox = (y.sum[i]! + z.sum[i]!) / (y.count + z.count);
    const oy = (x.sum[i]! + z.sum[i]!) / (x.count + z.count);
    const oz = (x.sum[i]! + y.sum[i]!) / (x.count + y.count);
    first += w * ((ox - ma) * (mx - mb) + (ox - mb) * (mx - ma));
    second += w * ((oy - ma) * (my - mb) + (oy - mb) * (my - ma));
    third += w * ((oz - ma) * (mz - mb) + (oz - mb) * (mz - ma));
  }
  return [first, second, third];
}

function read(block: Block, others: readonly [Block, Block], fit: Half, other: Half, weights: Float64Array) {
  const direction = new Float64Array(weights.length);
  const [p, q] = others;
  const n = p.count + q.count;
  let shift = 0;
  for (let i = 0; i < direction.length; i++) {
    const v = weights[i]! * ((p.sum[i]! + q.sum[i]!) / n - fit.sum[i]! / fit.count);
    direction[i] = v;
    shift += v * (block.sum[i]! / block.count - other.sum[i]! / other.count);
  }
  const spread = spreadAlong(direction, other);
  const effect = spread > 0 ? shift / spread : shift > 0 ? Number.MAX_VALUE : 0;
  return { effect, z: effect / Math.sqrt(1 / block.count + 1 / other.count) };
}

/** Standard deviation (n − 1) of the reservoir's passages along a direction. */
export function spreadAlong(direction: Float64Array, half: Half): number {
  let sum = 0;
  let squares = 0;
  const n = half.reservoir.length;
  for (const features of half.reservoir) {
    const along = dotSparse(features, direction);
    sum += along;
    squares += along * along;
  }
  return n > 1 ? Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1)) : 0;
}
