/**
 * A uniform sample of passages that come one after the other (Vitter 1985, algorithm R), bounded in number and in
 * bytes. Where the bytes are too many it gets smaller, by passages drawn from it, and stays so: a sample of fewer
 * is as uniform.
 */
import type { Rng } from '../../rng.ts';

export interface Sample {
  /** Indices of the passages in it, ascending. */
  readonly kept: readonly number[];
  /** Passages that it was drawn from. */
  readonly seen: number;
  /** Passages that it may hold. */
  readonly most: number;
  readonly bytes: number;
}

export interface Sampled extends Sample {
  /** Indices that are not in it any more, or never were. */
  readonly out: readonly number[];
}

export interface SampleBounds {
  readonly passages: number;
  readonly bytes: number;
}

/** @param sizeOf bytes of the passage with an index */
export function drawInto(
  sample: Sample,
  incoming: Iterable<number>,
  bounds: SampleBounds,
  sizeOf: (index: number) => number,
  rng: Rng,
): Sampled {
  const kept = [...sample.kept];
  const out: number[] = [];
  let { seen, bytes, most } = sample;
  const drop = (at: number): void => {
    const index = kept[at]!;
    bytes -= sizeOf(index);
    out.push(index);
  };
  for (const index of incoming) {
    seen++;
    const at = kept.length < most ? kept.length : rng.int(seen);
    if (at >= most) {
      out.push(index);
      continue;
    }
    if (at < kept.length) drop(at);
    kept[at] = index;
    bytes += sizeOf(index);
    while (bytes > bounds.bytes && kept.length > 1) {
      const gone = rng.int(kept.length);
      drop(gone);
      kept[gone] = kept.at(-1)!;
      kept.pop();
      most = kept.length;
    }
  }
  return { kept: kept.sort((a, b) => a - b), seen, most, bytes, out };
}
