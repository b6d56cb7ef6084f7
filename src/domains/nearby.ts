/**
 * Which of many known domains are worth an exact distance, which costs the most by the reservoirs' spreads. A few are
 * all taken; of more those with the smallest estimate, which takes every direction's length for its spread.
 */
import type { Half, Reference } from './reference.ts';
import { SCALE, type Signature } from './signature.ts';

/** A domain that is nearest, or returns, has a shift near 0: its estimate is far in front. */
export const NEARBY_MOST = 32;

export function nearby(known: ReadonlyMap<string, Signature>, reference: Reference): Signature[] {
  const all = [...known.values()];
  if (all.length <= NEARBY_MOST) return all;
  const inScale = (half: Half): Float64Array => half.mean.map((mean) => mean * SCALE);
  const [a, b] = reference.halves;
  const scaled: Scaled = { weights: reference.weights, halves: [inScale(a), inScale(b)] };
  return all
    .map((signature) => ({ signature, rough: roughDistance(scaled, signature) }))
    .sort((a, b) => a.rough - b.rough)
    .slice(0, NEARBY_MOST)
    .map(({ signature }) => signature);
}

/** A reference's weights, and its halves' means in a signature's unit. */
interface Scaled {
  readonly weights: Float64Array;
  readonly halves: readonly [Float64Array, Float64Array];
}

/** `distance` but for a factor, the same for all where passages spread evenly in all directions. */
function roughDistance({ weights, halves }: Scaled, { means }: Signature): number {
  const [a, b] = halves;
  const [x, y] = means;
  let shift = 0;
  let squares = 0;
  for (let i = 0; i < a.length; i++) {
    const w = weights[i]!;
    const u = w * (a[i]! - x[i]!);
    const v = b[i]! - y[i]!;
    shift += u * v;
    squares += u * u + w * w * v * v;
  }
  return squares > 0 ? shift / Math.sqrt(squares) : 0;
}

/** `nearby`, sought anew when the reference's weights are, or other domains are known. */
export class Nearby {
  private key: readonly unknown[] = [];
  private found: Signature[] = [];

  of(known: ReadonlyMap<string, Signature>, reference: Reference): Signature[] {
    let newest: Signature | null = null;
    for (const signature of known.values()) newest = signature;
    const key = [reference, reference.weightedAt, known.size, newest];
    if (key.some((part, k) => part !== this.key[k])) {
      this.found = nearby(known, reference);
      this.key = key;
    }
    return this.found;
  }
}
