/**
 * A ramp: one domain passes slowly into the next. The cut comes early in it, so that the new domain's reference
 * is a mixture, and the statistic soon rises again. It is the same passage still when the new direction goes on
 * away from the domain before.
 */
import type { Features } from './features.ts';
import type { Reference } from './reference.ts';
import { SCALE, type Signature } from './signature.ts';
import { addTo } from './vectors.ts';

/** A change this soon after a cut may be the same one, still going on. Passages. */
export const RAMP_PASSAGES = 500;
export const RAMP_COSINE = 0.2;

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
