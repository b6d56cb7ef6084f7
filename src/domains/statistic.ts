/**
 * The cross-fitted statistic. A window is cut into three blocks. For block k and half h of the reference:
 *
 *     direction  v = (mean of the two other blocks − mean of half h) ∘ w²
 *     effect(k, h) = (mean of block k − mean of half o) · v / s
 *     z(k)         = mean of effect(k, h) over h / √(1/n_k + (1/n_h + 1/n_o)/4)
 *
 * where o is the other half and s the standard deviation of v · x over the reservoir of o. v is never fitted on
 * what it is read on, so without a change z is centred at 0 whatever the number of buckets. The statistic is the
 * least over the blocks: a burst, which fills one block only, does not raise it.
 */
import { BUCKETS } from './features.ts';
import type { Reference } from './reference.ts';
import { spreadsAlong } from './spread.ts';

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

// Filled and read within one comparison, so that a look allocates nothing: `[3 · bucket + k]` is fitted without block
// k, on the first half of the reference or on the second.
const onFirst = new Float64Array(3 * BUCKETS);
const onSecond = new Float64Array(3 * BUCKETS);

/** Compares three blocks with the reference, both halves of which must have at least two passages. */
export function crossFit(blocks: readonly [Block, Block, Block], reference: Reference): Change {
  const shifts = fit(blocks, reference);
  for (const [ab, ba] of shifts) if (ab + ba <= 0) return NONE;
  const [a, b] = reference.halves;
  const spreads = [spreadsAlong(onFirst, b), spreadsAlong(onSecond, a)] as const;
  let least = Number.POSITIVE_INFINITY;
  let effects = 0;
  for (const [k, [ab, ba]] of shifts.entries()) {
    const effect = (effectOf(ab, spreads[0][k]!) + effectOf(ba, spreads[1][k]!)) / 2;
    // The halves' noises are apart, the block's is in both readings.
    const error = Math.sqrt(1 / blocks[k]!.count + (1 / a.count + 1 / b.count) / 4);
    least = Math.min(least, effect / error);
    effects += effect;
  }
  return least > 0 ? { z: least, effect: effects / 3 } : NONE;
}

/** Sums over a beginning: before the first of three blocks, and with each of them. */
export type Ends = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/**
 * Whether the statistic of three blocks of `count` passages each may be above 0; false is certain. Most looks end
 * here: without a change all three shifts are seldom positive, and this costs the least.
 *
 * The shift of block x against the other two, p together, summed over both ways round, is with s = a + b, the halves'
 * means together, p·x/n² + 2 a·b − (x + p/2)·s/n, all products by w².
 */
export function mayShift(ends: Ends, count: number, { weights, halves }: Reference): boolean {
  const [as, bs] = [halves[0].mean, halves[1].mean];
  return mayShiftLast(ends, count, weights, as, bs) && mayShiftFirst(ends, count, weights, as, bs);
}

/** The newest block alone: half of all looks without a change end here. */
function mayShiftLast(
  [s0, , s2, s3]: Ends,
  n: number,
  weights: Float64Array,
  as: Float64Array,
  bs: Float64Array,
): boolean {
  let pz = 0;
  let ab = 0;
  let halves = 0; // (z + p/2)·s
  for (let i = 0; i < BUCKETS; i++) {
    const w = weights[i]!;
    const a = as[i]!;
    const b = bs[i]!;
    const two = s2[i]!;
    const wz = w * (s3[i]! - two);
    const p = two - s0[i]!;
    pz += wz * p;
    ab += w * a * b;
    halves += (wz + 0.5 * w * p) * (a + b);
  }
  return mayBePositive(pz / (n * n) + 2 * ab, halves / n);
}

/** The other two. */
function mayShiftFirst(
  [s0, s1, s2, s3]: Ends,
  n: number,
  weights: Float64Array,
  as: Float64Array,
  bs: Float64Array,
): boolean {
  let px = 0;
  let py = 0;
  let ab = 0;
  let xHalves = 0;
  let yHalves = 0;
  for (let i = 0; i < BUCKETS; i++) {
    const w = weights[i]!;
    const a = as[i]!;
    const b = bs[i]!;
    const one = s1[i]!;
    const two = s2[i]!;
    const x = one - s0[i]!;
    const y = two - one;
    const z = s3[i]! - two;
    const s = w * (a + b);
    px += w * x * (y + z);
    py += w * y * (x + z);
    ab += w * a * b;
    xHalves += (x + 0.5 * (y + z)) * s;
    yHalves += (y + 0.5 * (x + z)) * s;
  }
  return (
    mayBePositive(px / (n * n) + 2 * ab, xHalves / n) && mayBePositive(py / (n * n) + 2 * ab, yHalves / n)
  );
}

/** `plus − minus`, where rounding is far below: both are sums of products that are at least 0. */
function mayBePositive(plus: number, minus: number): boolean {
  return plus - minus > -1e-11 * plus;
}

type Shifts = readonly [first: number, second: number];

/**
 * Fits the three directions on each half and reads them on the other: (mean of block k − mean of half o) · v, by block
 * and by the half that it is fitted on.
 */
function fit(
  [x, y, z]: readonly [Block, Block, Block],
  { weights, halves }: Reference,
): readonly [Shifts, Shifts, Shifts] {
  const [xs, ys, zs] = [x.sum, y.sum, z.sum];
  const [nx, ny, nz] = [x.count, y.count, z.count];
  const [nyz, nzx, nxy] = [ny + nz, nz + nx, nx + ny];
  const [as, bs] = [halves[0].mean, halves[1].mean];
  let abX = 0;
  let abY = 0;
  let abZ = 0;
  let baX = 0;
  let baY = 0;
  let baZ = 0;
  for (let i = 0, at = 0; i < BUCKETS; i++, at += 3) {
    const w = weights[i]!;
    const a = as[i]!;
    const b = bs[i]!;
    const sx = xs[i]!;
    const sy = ys[i]!;
    const sz = zs[i]!;
    const mx = sx / nx;
    const my = sy / ny;
    const mz = sz / nz;
    const p = (sy + sz) / nyz;
    const q = (sz + sx) / nzx;
    const r = (sx + sy) / nxy;
    const px = w * (p - a);
    const py = w * (q - a);
    const pz = w * (r - a);
    const qx = w * (p - b);
    const qy = w * (q - b);
    const qz = w * (r - b);
    onFirst[at] = px;
    onFirst[at + 1] = py;
    onFirst[at + 2] = pz;
    onSecond[at] = qx;
    onSecond[at + 1] = qy;
    onSecond[at + 2] = qz;
    abX += px * (mx - b);
    abY += py * (my - b);
    abZ += pz * (mz - b);
    baX += qx * (mx - a);
    baY += qy * (my - a);
    baZ += qz * (mz - a);
  }
  return [
    [abX, baX],
    [abY, baY],
    [abZ, baZ],
  ];
}

function effectOf(shift: number, spread: number): number {
  return spread > 0 ? shift / spread : shift > 0 ? Number.MAX_VALUE / 4 : 0;
}
