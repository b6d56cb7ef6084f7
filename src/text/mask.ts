/**
 * Dynamic masking for masked language modelling (Devlin et al. 2019, arXiv 1810.04805; drawn anew for every
 * batch as in RoBERTa, arXiv 1907.11692). The number of positions is fixed, so that one compiled graph serves
 * every batch; where a batch has fewer to predict, fillers of weight 0 take their place.
 */
import type { Rng } from '../rng.ts';
import type { SpecialTokens } from './tokenizer.ts';

export interface MaskOptions {
  /** Part of the ordinary ids that is predicted. Default 0.15. */
  readonly rate?: number;
  /** K, the number of positions of a batch; more than rate · B · L is filled up, less cuts. */
  readonly positions: number;
  readonly vocabSize: number;
  readonly special: SpecialTokens;
}

/** One batch of B blocks of L ids. A position is an index into the flattened B · L. */
export interface MlmBatch {
  readonly inputIds: Int32Array; // [B*L] after masking
  readonly attention: Float32Array; // [B*L] 1 an id, 0 padding
  readonly positions: Int32Array; // [K] distinct; first the predicted ones ascending, then fillers
  readonly labels: Int32Array; // [K] the id that stood there
  readonly weights: Float32Array; // [K] 1 predicted, 0 filler
}

/** K for a batch of `size` = B · L ids at a rate: what a batch without padding needs. */
export function maskPositions(size: number, rate = 0.15): number {
  return Math.max(1, Math.round(size * rate));
}

/**
 * Chooses round(rate · ordinary ids) positions, at least one where there is any and at most K. Of these 80 % become
 * the mask, 10 % a random ordinary id, 10 % stay. Special ids and padding are never chosen and never drawn.
 *
 * @throws RangeError when blocks differ in length or K exceeds B · L
 */
export function maskBatch(blocks: readonly Int32Array[], options: MaskOptions, rng: Rng): MlmBatch {
  const { rate = 0.15, positions: count, vocabSize, special } = options;
  const length = blocks[0]?.length ?? 0;
  const size = blocks.length * length;
  if (count > size) throw new RangeError(`a batch of ${size} ids has no ${count} positions`);
  const specials = new Set<number>(Object.values(special));

  const inputIds = new Int32Array(size);
  const attention = new Float32Array(size);
  const ordinary: number[] = [];
  blocks.forEach((block, row) => {
    if (block.length !== length)
      throw new RangeError(`blocks of ${length} and ${block.length} ids in one batch`);
    inputIds.set(block, row * length);
  });
  for (let at = 0; at < size; at++) {
    const id = inputIds[at]!;
    if (id !== special.pad) attention[at] = 1;
    if (!specials.has(id)) ordinary.push(at);
  }

  const wanted = ordinary.length === 0 ? 0 : Math.max(1, Math.round(rate * ordinary.length));
  const chosen = draw(ordinary, Math.min(count, wanted), rng);
  const taken = new Uint8Array(size);
  for (const at of chosen) taken[at] = 1;

  const positions = new Int32Array(count);
  const labels = new Int32Array(count);
  const weights = new Float32Array(count);
  chosen.forEach((at, k) => {
    positions[k] = at;
    labels[k] = inputIds[at]!;
    weights[k] = 1;
    const dice = rng.uniform();
    if (dice < 0.8) inputIds[at] = special.mask;
    else if (dice < 0.9) inputIds[at] = ordinaryId(vocabSize, specials, rng);
  });
  for (let k = chosen.length, at = 0; k < count; at++) {
    if (taken[at] === 1) continue;
    positions[k] = at;
    labels[k++] = inputIds[at]!;
  }
  return { inputIds, attention, positions, labels, weights };
}

/** `count` of the items, ascending as given: the head of a shuffle that stops in time. */
function draw(items: readonly number[], count: number, rng: Rng): number[] {
  const pool = Int32Array.from(items);
  for (let i = 0; i < count; i++) {
    const j = i + rng.int(pool.length - i);
    const held = pool[i]!;
    pool[i] = pool[j]!;
    pool[j] = held;
  }
  return Array.from(pool.subarray(0, count).sort());
}

function ordinaryId(vocabSize: number, specials: ReadonlySet<number>, rng: Rng): number {
  for (;;) {
    const id = rng.int(vocabSize);
    if (!specials.has(id)) return id;
  }
}
