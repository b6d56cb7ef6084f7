/** A masked batch cut into parts that a graph of fixed shape takes one after the other. */
import type { MlmBatch } from './mask.ts';

export interface PartShape {
  /** Blocks in a part. */
  readonly batch: number;
  /** Ids in a block. */
  readonly length: number;
  /** K of a part; one with more to predict becomes several, of the same blocks. */
  readonly positions: number;
}

/**
 * K for parts of `size` ids of a larger batch: four standard deviations over the mean, since how many of the chosen
 * positions fall into one part is chance.
 */
export function partPositions(size: number, rate: number): number {
  const mean = size * rate;
  return Math.min(size, Math.max(1, Math.ceil(mean + 4 * Math.sqrt(mean * (1 - rate)))));
}

/**
 * Every predicted position of the batch is in exactly one part, with weight 1. A part in which nothing is predicted
 * is left out, unless it is the only one; the last is filled up with padding.
 * @param pad the id of padding
 */
export function cutBatch(batch: MlmBatch, shape: PartShape, pad: number): MlmBatch[] {
  const size = shape.batch * shape.length;
  const parts: MlmBatch[] = [];
  for (let start = 0; start < batch.inputIds.length; start += size) {
    const inputIds = new Int32Array(size).fill(pad);
    inputIds.set(batch.inputIds.subarray(start, start + size));
    const attention = new Float32Array(size);
    attention.set(batch.attention.subarray(start, start + size));
    const own = predicted(batch, start, start + size);
    for (let from = 0; from < own.length; from += shape.positions) {
      const some = own.slice(from, from + shape.positions);
      parts.push({ inputIds, attention, ...filled(some, inputIds, shape.positions) });
    }
    if (parts.length === 0 && start + size >= batch.inputIds.length) {
      parts.push({ inputIds, attention, ...filled([], inputIds, shape.positions) });
    }
  }
  return parts;
}

interface Predicted {
  readonly at: number;
  readonly label: number;
}

/** What is predicted between two places of the batch, relative to the first. */
function predicted({ positions, labels, weights }: MlmBatch, start: number, end: number): Predicted[] {
  const found: Predicted[] = [];
  for (const [k, at] of positions.entries()) {
    if (weights[k] === 1 && at >= start && at < end) found.push({ at: at - start, label: labels[k]! });
  }
  return found;
}

/** The predicted positions, then fillers of weight 0: K distinct ones. */
function filled(some: readonly Predicted[], inputIds: Int32Array, count: number) {
  const positions = new Int32Array(count);
  const labels = new Int32Array(count);
  const weights = new Float32Array(count);
  const taken = new Set(some.map(({ at }) => at));
  for (const [k, { at, label }] of some.entries()) {
    positions[k] = at;
    labels[k] = label;
    weights[k] = 1;
  }
  for (let k = some.length, at = 0; k < count; at++) {
    if (taken.has(at)) continue;
    positions[k] = at;
    labels[k++] = inputIds[at]!;
  }
  return { positions, labels, weights };
}
