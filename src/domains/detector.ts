/**
 * The detector of one open domain: passages pass from the tail into the reference, and every eighth passage the
 * windows of the tail are compared with it. Once one fires, every passage is looked at until the change is
 * confirmed or has gone.
 */
import { BUCKETS, type Features } from './features.ts';
import { localise } from './localise.ts';
import { Noise, WINDOWS } from './noise.ts';
import { Reference, RUN } from './reference.ts';
import { type Block, crossFit, type Ends, mayShift } from './statistic.ts';
import { addTo } from './vectors.ts';

const GAP_LEAST = 48;
const GAP_MOST = 384;
const TAIL_MOST = 480; // while a change waits for its confirmation the reference waits too, up to here
const REFERENCE_LEAST = 32;
/** Passages: a boundary is found within a few, and a burst of nearly the fewest must not pass for more. */
const MARGIN = 4;
/** Shifts under this many standard deviations want twice the passages. */
const WEAK = 1.2;

const SUMMED_MOST = 1 << 12;
const BLOCKS = [new Float64Array(BUCKETS), new Float64Array(BUCKETS), new Float64Array(BUCKETS)] as const;

export interface Drift {
  /** Index in the tail of the first passage of the new domain. */
  readonly start: number;
  /** In the domain's scales, as the threshold. */
  readonly z: number;
}

export class Detector {
  readonly reference: Reference;
  /** The newest passages, which the reference does not have yet. */
  readonly tail: Features[] = [];
  /** While a change waits for its confirmation: the index in the tail where it seems to begin; else −1. */
  suspect = -1;
  /** The greatest statistic of the last look, in the domain's scales. */
  statistic = 0;
  /**
   * `sums[k]`: of the first k runs of RUN passages of the tail, and of `summed` passages before it. Follows from the
   * tail, bit for bit whatever came before: sums of under 2^20 values of single precision above 2^-9 are exact.
   */
  private sums: Float64Array[] = [new Float64Array(BUCKETS)];
  private summed = 0;
  private spare: Float64Array | null = null; // one of the sums that is one no more
  readonly noise: Noise;
  /** For each whole run of the tail: z of each window that ended with it; empty where nobody looked. */
  looks: (readonly number[])[] = [];

  constructor(salt: number, noise = new Noise()) {
    this.noise = noise;
    this.reference = new Reference(salt);
  }

  push(features: Features): void {
    this.tail.push(features);
    if (this.tail.length % RUN !== 0) return;
    this.sumRun(this.tail.length);
    this.looks.push([]);
    const age = this.reference.count + this.tail.length;
    const gap = Math.min(GAP_MOST, Math.max(GAP_LEAST, age >> 1));
    while (this.tail.length >= (this.suspect >= 0 ? TAIL_MOST : gap) + RUN) this.absorb();
  }

  /** Looks for a confirmed change; at other than every eighth passage only where one is suspected. */
  examine(threshold: number, fewest: number): Drift | null {
    if (this.reference.count < REFERENCE_LEAST) return null;
    if (this.tail.length % RUN === 0) {
      const fired = this.look();
      if (fired.z >= threshold) {
        if (this.suspect < 0) this.suspect = this.tail.length - fired.window;
      } else this.suspect = -1;
    }
    if (this.suspect < 0) return null;
    const { start, lasts } = localise(this.tail, this.suspect, this.reference);
    this.suspect = start;
    const length = this.tail.length - start;
    if (!lasts || length < fewest + MARGIN) return null;
    const change = crossFit(thirds(this.tail, start), this.reference);
    const z = change.z / this.noise.scaleOf(length);
    if (z < threshold || (change.effect < WEAK && length < 2 * fewest)) return null;
    return { start, z };
  }

  /** Takes the tail up to `end` into the reference: the domain ends there. */
  settle(end: number): void {
    for (const look of this.looks.splice(0, Math.floor(end / RUN))) this.noise.learn(look);
    for (let i = 0; i < end; i++) this.reference.add(this.tail[i]!);
    this.tail.splice(0, end);
    this.looks = Array.from({ length: Math.floor(this.tail.length / RUN) }, () => []);
    this.rebuild();
  }

  /** The sums that follow from the tail. */
  rebuild(): void {
    this.sums = [new Float64Array(BUCKETS)];
    this.summed = 0;
    for (let end = RUN; end <= this.tail.length; end += RUN) this.sumRun(end);
  }

  private look(): { readonly z: number; readonly window: number } {
    let best = { z: 0, window: 0 };
    const scales = this.noise.scales();
    const look: number[] = [];
    for (const [k, window] of WINDOWS.entries()) {
      if (window > this.tail.length) break;
      const ends = this.ends(window / (3 * RUN));
      const isChange = mayShift(ends, window / 3, this.reference);
      const z = isChange ? crossFit(blocksOf(ends, window / 3), this.reference).z : 0;
      look.push(z);
      if (z / scales[k]! > best.z) best = { z: z / scales[k]!, window };
    }
    this.looks[this.looks.length - 1] = look;
    this.statistic = best.z;
    return best;
  }

  /** Of the newest three blocks of `size` runs each. */
  private ends(size: number): Ends {
    const end = this.sums.length - 1;
    return [this.sums[end - 3 * size]!, this.sums[end - 2 * size]!, this.sums[end - size]!, this.sums[end]!];
  }

  /** Adds the sum that ends with the run before `end`. */
  private sumRun(end: number): void {
    const sum = this.spare ?? new Float64Array(BUCKETS);
    this.spare = null;
    sum.set(this.sums.at(-1)!);
    for (let i = end - RUN; i < end; i++) addTo(sum, this.tail[i]!);
    this.sums.push(sum);
  }

  private absorb(): void {
    for (const features of this.tail.splice(0, RUN)) this.reference.add(features);
    this.noise.learn(this.looks.shift()!);
    if (this.suspect >= 0) this.suspect = Math.max(0, this.suspect - RUN);
    this.spare = this.sums.shift()!;
    this.summed += RUN;
    if (this.summed >= SUMMED_MOST) this.rebuild();
  }
}

/** Valid until the next call. */
function blocksOf([s0, s1, s2, s3]: Ends, count: number): [Block, Block, Block] {
  const [first, second, third] = BLOCKS;
  for (let i = 0; i < BUCKETS; i++) {
    const one = s1[i]!;
    const two = s2[i]!;
    first[i] = one - s0[i]!;
    second[i] = two - one;
    third[i] = s3[i]! - two;
  }
  return [
    { sum: first, count },
    { sum: second, count },
    { sum: third, count },
  ];
}

/** The passages from `start` on as three blocks of nearly one size. */
function thirds(tail: readonly Features[], start: number): [Block, Block, Block] {
  const cut = (k: number): number => start + Math.round(((tail.length - start) * k) / 3);
  const block = (k: number): Block => {
    const count = cut(k + 1) - cut(k);
    return { sum: sumOf(tail, cut(k), cut(k + 1)), count };
  };
  return [block(0), block(1), block(2)];
}

function sumOf(tail: readonly Features[], from: number, to: number): Float64Array {
  const sum = new Float64Array(BUCKETS);
  for (let i = from; i < to; i++) addTo(sum, tail[i]!);
  return sum;
}
