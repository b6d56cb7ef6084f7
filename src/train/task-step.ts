/** The step of a task: plugins and task embeddings train, the whole base is frozen, what is claimed is kept. */
import * as tf from '@tensorflow/tfjs';
import type { FeedSpec, Tensors, Weights } from '../engine/index.ts';
import { neuronShapes, type PluginConfig, pluginShapes } from '../plugin/config.ts';
import { compensate, EMBEDDING_BOUND, gates, sparsity } from '../plugin/gate.ts';
import { pluginPlug, softly } from '../plugin/plugin.ts';
import { protect } from '../plugin/protect.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { joined, parted } from './joined.ts';
import { type BatchShape, mlmLoss, mlmSpecs } from './mlm.ts';
import type { StepDefinition } from './step.ts';

export interface TaskStepOptions {
  /** Final scale of the gate. */
  readonly sMax: number;
  /** Weight of HAT's sparsity term; 0 is the paper. */
  readonly sparsity: number;
  readonly clip: number;
}

export const PUBLISHED: TaskStepOptions = { sMax: 400, sparsity: 0, clip: 1 };

/** Whether a trained tensor is a task embedding, such as `cpt.layer.0.ffn.e1`. */
export function isEmbedding(name: string): boolean {
  return /\.e[12]$/.test(name);
}

/**
 * Beside the batch's feeds (`mlmSpecs`) the step takes the scalar `s` and the claims `<plugin>.claim1`,
 * `<plugin>.claim2`.
 */
export function taskStep(
  config: RobertaConfig,
  plugin: PluginConfig,
  shape: BatchShape,
  base: Weights,
  options: TaskStepOptions = PUBLISHED,
): StepDefinition {
  const feeds: Record<string, FeedSpec> = { ...mlmSpecs(shape), s: { shape: [], dtype: 'float32' } };
  for (const [name, size] of Object.entries(neuronShapes(plugin, 'claim'))) {
    feeds[name] = { shape: size, dtype: 'float32' };
  }
  const masksOf = (params: Tensors, inputs: Tensors) => gates(plugin, params, inputs.s!);
  const batchLoss = (params: Tensors, inputs: Tensors, weights: Tensors, masks: Tensors) =>
    mlmLoss(config, weights, inputs, pluginPlug(plugin, params, masks, softly));
  const sparse = (masks: Tensors, inputs: Tensors): tf.Scalar =>
    tf.mul(sparsity(plugin, masks, inputs), options.sparsity);
  return {
    params: { ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') },
    feeds,
    weights: base,
    loss: (params, inputs, weights) => {
      const masks = masksOf(params, inputs);
      const loss = batchLoss(params, inputs, weights, masks);
      return options.sparsity === 0 ? loss : tf.add(loss, sparse(masks, inputs));
    },
    ...(options.sparsity === 0
      ? {}
      : {
          terms: {
            batch: (params, inputs, weights) => batchLoss(params, inputs, weights, masksOf(params, inputs)),
            once: (params, inputs) => sparse(masksOf(params, inputs), inputs),
            params: Object.keys(neuronShapes(plugin, 'e')),
          },
        }),
    adjust: (gradients, params, inputs) => compensated(gradients, params, inputs.s!, options.sMax),
    settle: (name, old, change, inputs) =>
      isEmbedding(name)
        ? tf.clipByValue(tf.sub(old, change), -EMBEDDING_BOUND, EMBEDDING_BOUND)
        : tf.sub(old, protect(name, change, inputs)),
    clip: options.clip,
    decay: () => 0,
  };
}

function compensated(gradients: Tensors, params: Tensors, s: tf.Tensor, sMax: number): Tensors {
  const names = Object.keys(params).filter(isEmbedding);
  const vector = compensate(joined(names, gradients), joined(names, params), s, sMax);
  return { ...gradients, ...parted(names, vector, params) };
}
