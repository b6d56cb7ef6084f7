/** Masked-LM losses on a sample of a domain that is still open: what its task will have to win. */
import type { MlmBatch } from '../text/mask.ts';
import { packPassages } from '../text/pack.ts';
import type { BaseModel } from './base.ts';
import type { Evaluation } from './evaluate.ts';

export interface OpenLosses {
  readonly maskedTokens: number;
  /** Of the untouched base. */
  readonly base: number;
  /** Of the newest checkpoint; null before the first. */
  readonly current: number | null;
}

/** An evaluator with the two models filled in. */
export interface OpenEvaluator {
  batches(blocks: readonly Int32Array[]): MlmBatch[];
  base(batches: readonly MlmBatch[]): Promise<Evaluation>;
  current(batches: readonly MlmBatch[]): Promise<number | null>;
}

/** One batch of the evaluator, so that a task that waits does not wait long. */
const MOST_BLOCKS = 16;

/**
 * The masks depend on the texts' length alone: equal samples have equal losses.
 * @returns null where the texts have no token
 */
export async function measureOpen(
  texts: readonly string[],
  { tokenizer }: Pick<BaseModel, 'tokenizer'>,
  { length }: { readonly length: number },
  evaluator: OpenEvaluator,
): Promise<OpenLosses | null> {
  const encoded = await tokenizer.encodeBatch(texts);
  const blocks = packPassages(encoded, length, tokenizer.special).slice(0, MOST_BLOCKS);
  if (blocks.length === 0) return null;
  const batches = evaluator.batches(blocks);
  const { loss: base, maskedTokens } = await evaluator.base(batches);
  if (maskedTokens === 0) return null;
  return { maskedTokens, base, current: await evaluator.current(batches) };
}
