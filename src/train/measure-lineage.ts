/** Held-out losses and proofs of a lineage's versions: one compiled evaluator, masks and plugin weights as feeds. */
import { bytesOf } from '../checkpoint/dtype.ts';
import { sha256 } from '../checkpoint/hash.ts';
import { type PrunedPlugin, type SeatedPlugins, seat } from '../checkpoint/prune.ts';
import type { CompileOptions } from '../engine/index.ts';
import { neuronShapes, type PluginConfig, pluginShapes } from '../plugin/config.ts';
import { maskFeeds } from '../plugin/mask.ts';
import { exactly, pluginPlug } from '../plugin/plugin.ts';
import { shapedWeights } from '../roberta/weights.ts';
import type { MlmBatch } from '../text/mask.ts';
import type { BaseModel } from './base.ts';
import { compileEvaluator, type Evaluation, heldOutBatches } from './evaluate.ts';
import { batchShape, MASK_RATE } from './mlm.ts';

/** Blocks in a batch; the masks of held-out text and so all proofs depend on it, and on no setting. */
const EVALUATION_BATCH = 16;

export interface Measured extends Evaluation {
  /** SHA-256 of the logits of the first batch. */
  readonly probe: string;
}

export interface LineageEvaluator {
  /** Held-out batches with fixed masks of `blocks`, as the other methods take them. */
  batches(blocks: readonly Int32Array[]): MlmBatch[];
  evaluate(batches: readonly MlmBatch[], pruned: readonly PrunedPlugin[]): Promise<Evaluation>;
  /** Loss and probe at once. */
  measure(batches: readonly MlmBatch[], pruned: readonly PrunedPlugin[]): Promise<Measured>;
  /** Loss of the untouched base: no neuron at all. */
  evaluateBase(batches: readonly MlmBatch[]): Promise<Evaluation>;
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
  const feeds = ({ weights, masks }: SeatedPlugins) => ({ ...weights, ...maskFeeds(masks, 'mask') });
  return {
    batches: (blocks) => heldOutBatches(blocks, shape, masking),
    evaluate: (batches, pruned) => evaluator.evaluate(batches, feeds(seat(plugin, pruned))),
    async measure(batches, pruned) {
      let probe = '';
      const evaluation = await evaluator.evaluate(batches, feeds(seat(plugin, pruned)), (logits) => {
        probe = sha256(bytesOf(logits));
      });
      return { ...evaluation, probe };
    },
    evaluateBase: (batches) => evaluator.evaluate(batches, feeds(seat(plugin, []))),
    provider: evaluator.provider,
    dispose: () => evaluator.dispose(),
  };
}
