/** Held-out losses and proofs of a lineage's versions: one compiled evaluator, masks and plugin weights as feeds. */
import { bytesOf } from '../checkpoint/dtype.ts';
import { sha256 } from '../checkpoint/hash.ts';
import type { CompileOptions } from '../engine/index.ts';
import { neuronShapes, type PluginConfig, pluginShapes } from '../plugin/config.ts';
import { emptyMasks, type Masks, maskFeeds } from '../plugin/mask.ts';
import { exactly, pluginPlug } from '../plugin/plugin.ts';
import { shapedWeights } from '../roberta/weights.ts';
import type { MlmBatch } from '../text/mask.ts';
import type { BaseModel } from './base.ts';
import { compileEvaluator, type Evaluation, heldOutBatches } from './evaluate.ts';
import { batchShape, MASK_RATE } from './mlm.ts';

/** Blocks in a batch; the masks of held-out text and so all proofs depend on it, and on no setting. */
const EVALUATION_BATCH = 16;

export type PluginWeights = Readonly<Record<string, Float32Array>>;

export interface LineageEvaluator {
  /** Held-out batches with fixed masks of `blocks`, as the other methods take them. */
  batches(blocks: readonly Int32Array[]): MlmBatch[];
  evaluate(batches: readonly MlmBatch[], weights: PluginWeights, masks: Masks): Promise<Evaluation>;
  /** Loss of the untouched base: all masks zero. */
  evaluateBase(batches: readonly MlmBatch[], weights: PluginWeights): Promise<Evaluation>;
  /** SHA-256 of the logits of the first batch. */
  probe(batches: readonly MlmBatch[], weights: PluginWeights, masks: Masks): Promise<string>;
  readonly provider: string;
  dispose(): Promise<void>;
}

export async function openLineageEvaluator(
  base: BaseModel,
  plugin: PluginConfig,
  { length }: { readonly length: number },
  options: CompileOptions = {},
): Promise<LineageEvaluator> {
  const shape = batchShape(EVALUATION_BATCH, length);
  const params = { ...pluginShapes(plugin), ...neuronShapes(plugin, 'mask') };
  const evaluator = await compileEvaluator(
    base.config,
    shape,
    shapedWeights(base.config, base.weights),
    params,
    (feeds) => pluginPlug(plugin, feeds, feeds, exactly),
    options,
  );
  const masking = { vocabSize: base.config.vocabSize, special: base.tokenizer.special, rate: MASK_RATE };
  const none = maskFeeds(emptyMasks(plugin), 'mask');
  const feeds = (weights: PluginWeights, masks: Masks) => ({ ...weights, ...maskFeeds(masks, 'mask') });
  return {
    batches: (blocks) => heldOutBatches(blocks, shape, masking),
    evaluate: (batches, weights, masks) => evaluator.evaluate(batches, feeds(weights, masks)),
    evaluateBase: (batches, weights) => evaluator.evaluate(batches, { ...weights, ...none }),
    async probe(batches, weights, masks) {
      return sha256(bytesOf(await evaluator.logits(batches[0]!, feeds(weights, masks))));
    },
    provider: evaluator.provider,
    dispose: () => evaluator.dispose(),
  };
}
