/** How many blocks one pass of a step takes. */
import type { RobertaConfig } from '../roberta/config.ts';
import { MASK_RATE } from './mlm.ts';

/** What the intermediate values of one pass may take where nothing is set. */
const PASS_BYTES = 2 ** 30;

/**
 * Bytes of intermediate values that a step keeps for each token of a pass until its gradients are taken, estimated:
 * in each layer some vectors of the hidden and the intermediate size and the attention's scores, and the logits of
 * the masked ones. The factors were fitted to peak memory, see bench/memory.
 */
export function bytesPerToken(config: RobertaConfig, length: number): number {
  const { layers, hidden, intermediate, heads, vocabSize } = config;
  const layer = VECTORS * hidden + WIDE_VECTORS * intermediate + SCORES * heads * length;
  return 4 * (layers * layer + MASK_RATE * LOGITS * vocabSize);
}

const VECTORS = 10;
const WIDE_VECTORS = 2.5;
const SCORES = 1.5;
const LOGITS = 3;

/**
 * The largest equal parts of a batch, which may be the batch itself, that `PASS_BYTES` hold; at least one block.
 * It depends on sizes alone, not on the machine: so do a task's bytes.
 */
export function microBatchFor(
  config: RobertaConfig,
  {
    batch,
    length,
    microBatch,
  }: { readonly batch: number; readonly length: number; readonly microBatch: number },
): number {
  if (microBatch > 0) return Math.min(batch, microBatch);
  const most = Math.max(1, Math.floor(PASS_BYTES / (bytesPerToken(config, length) * length)));
  return Math.ceil(batch / Math.ceil(batch / most));
}
