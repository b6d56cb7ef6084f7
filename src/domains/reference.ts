/**
 * What the open domain has been like: two halves that share no passage, each a running mean and a reservoir,
 * and document frequencies, from which the buckets' weights come. Two halves, so that a direction fitted on
 * one can be read on the other: noise is then never taken for change.
 */
import { BUCKETS, type Features } from './features.ts';
import { addTo } from './vectors.ts';

export const RESERVOIR = 128;
/** Neighbouring passages go to the same half by runs of this many, so that what they share stays in it. */
export const RUN = 8;

/** Passages, added to those that have a bucket: without it z reached 5.5 in the first 400 passages of one kind, with it 3.2. */
const SMOOTHING = 4;

export class Half {
  readonly sum = new Float64Array(BUCKETS);
  count = 0;
  private readonly means = new Float64Array(BUCKETS);
  private meansAt = 0; // the count that `means` were made at
  /** A uniform sample of the passages so far (Vitter 1985, algorithm R). */
  readonly reservoir: Features[] = [];

  add(features: Features, salt: number): void {
    addTo(this.sum, features);
    const at = this.count < RESERVOIR ? this.count : draw(salt, this.count) % (this.count + 1);
    if (at < RESERVOIR) this.reservoir[at] = features;
    this.count++;
  }

  /** `sum / count`; valid until the next passage. */
  get mean(): Float64Array {
    if (this.meansAt !== this.count) {
      for (let i = 0; i < BUCKETS; i++) this.means[i] = this.sum[i]! / this.count;
      this.meansAt = this.count;
    }
    return this.means;
  }
}

export class Reference {
  readonly halves: readonly [Half, Half] = [new Half(), new Half()];
  readonly frequency = new Uint32Array(BUCKETS); // passages that have the bucket
  count = 0;
  /** Squared bucket weights, and the count at which they were made; they are renewed with growth by a fifth. */
  readonly weights = new Float64Array(BUCKETS);
  weightedAt = 0;
  /** Varies the reservoirs' draws between domains. */
  readonly salt: number;

  constructor(salt: number) {
    this.salt = salt;
  }

  add(features: Features): void {
    const half = (this.count / RUN) & 1;
    this.halves[half]!.add(features, this.salt * 2 + half);
    const { bucket } = features;
    for (let k = 0; k < bucket.length; k++) this.frequency[bucket[k]!]!++;
    this.count++;
    if (this.count % RUN === 0 && this.count * 5 >= this.weightedAt * 6) this.weigh();
  }

  /** Its passages in their order; null once there are more than the reservoirs keep. */
  passages(): Features[] | null {
    if (this.count > 2 * RESERVOIR) return null;
    const [a, b] = this.halves;
    const passages: Features[] = [];
    for (let from = 0; from < RESERVOIR; from += RUN) {
      passages.push(...a.reservoir.slice(from, from + RUN), ...b.reservoir.slice(from, from + RUN));
    }
    return passages;
  }

  /** A copy that grows on its own. */
  clone(): Reference {
    const copy = new Reference(this.salt);
    for (const [k, half] of this.halves.entries()) {
      copy.halves[k]!.sum.set(half.sum);
      copy.halves[k]!.count = half.count;
      copy.halves[k]!.reservoir.push(...half.reservoir);
    }
    copy.frequency.set(this.frequency);
    copy.weights.set(this.weights);
    copy.count = this.count;
    copy.weightedAt = this.weightedAt;
    return copy;
  }

  /**
   * w = max(0, ln 1/(df/n + 0.01)): what nearly every passage has says nothing. Both halves made these frequencies,
   * so a bucket that happens to be empty in both must not outweigh one that a passage has: df/n is smoothed.
   */
  private weigh(): void {
    this.weightedAt = this.count;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const part = (this.frequency[bucket]! + SMOOTHING) / (this.count + SMOOTHING);
      const weight = Math.max(0, -Math.log(part + 0.01));
      this.weights[bucket] = weight * weight;
    }
  }
}

/** A 32-bit number that depends on both arguments alone (two rounds of MurmurHash3's finaliser). */
function draw(salt: number, index: number): number {
  return scramble(scramble(salt | 0) ^ index);
}

function scramble(word: number): number {
  let h = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
