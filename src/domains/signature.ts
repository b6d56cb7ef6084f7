/** What is kept of a domain: the means of two halves that share no passage. Enough to know it and its texts again. */
import { BUCKETS } from './features.ts';
import { type OwnLikelihood, ownLikelihood, pooled } from './likelihood.ts';
import type { Half, Reference } from './reference.ts';
import { spreadAlong } from './spread.ts';

/** Means are kept in 1/65,535ths: a hundredth of the sampling error of a thousand passages. */
export const SCALE = 65_535;

export interface Signature {
  readonly domain: string;
  /** Passages behind each mean. */
  readonly counts: readonly [number, number];
  readonly means: readonly [Uint16Array, Uint16Array];
  readonly own: OwnLikelihood;
}

export function signatureOf(domain: string, reference: Reference): Signature {
  const [a, b] = reference.halves;
  return {
    domain,
    counts: [a.count, b.count],
    means: [rounded(a), rounded(b)],
    own: ownLikelihood(reference),
  };
}

function size({ counts }: Signature): number {
  return counts[0] + counts[1];
}

/** The signature of both together: a domain that came back. */
export function merge(older: Signature, newer: Signature): Signature {
  const mean = (half: 0 | 1): Uint16Array => {
    const n = older.counts[half];
    const m = newer.counts[half];
    const merged = new Uint16Array(BUCKETS);
    for (let i = 0; i < BUCKETS; i++) {
      merged[i] = Math.round((older.means[half][i]! * n + newer.means[half][i]! * m) / (n + m));
    }
    return merged;
  };
  return {
    domain: newer.domain,
    counts: [older.counts[0] + newer.counts[0], older.counts[1] + newer.counts[1]],
    means: [mean(0), mean(1)],
    own: pooled(older.own, size(older), newer.own, size(newer)),
  };
}

const direction = new Float64Array(BUCKETS); // filled and read within one distance

/**
 * Cross-fitted Cohen's d between the reference's domain and a known one: the direction is fitted on one half of
 * each, and the difference of the other halves is read along it in standard deviations of the reference's
 * passages; mean over both ways round. Near 0 for the same domain, whatever the noise; can be below 0.
 */
export function distance(reference: Reference, known: Signature): number {
  const { weights, halves } = reference;
  let total = 0;
  for (const fit of [0, 1] as const) {
    const other = fit === 0 ? 1 : 0;
    const [fits, reads] = [halves[fit].mean, halves[other].mean];
    const [knownFits, knownReads] = [known.means[fit], known.means[other]];
    let shift = 0;
    for (let i = 0; i < BUCKETS; i++) {
      const v = weights[i]! * (fits[i]! - knownFits[i]! / SCALE);
      direction[i] = v;
      shift += v * (reads[i]! - knownReads[i]! / SCALE);
    }
    const spread = spreadAlong(direction, halves[other]);
    if (spread === 0) return Number.POSITIVE_INFINITY;
    total += shift / spread / 2;
  }
  return total;
}

/** Fewer passages than this in either half cannot be told from other domains. */
export const FEWEST = 8;

export function comparable(reference: Reference): boolean {
  return reference.halves.every((half) => half.count >= FEWEST);
}

function rounded(half: Half): Uint16Array {
  const mean = new Uint16Array(BUCKETS);
  for (let i = 0; i < BUCKETS; i++) mean[i] = Math.round((half.sum[i]! / Math.max(1, half.count)) * SCALE);
  return mean;
}
