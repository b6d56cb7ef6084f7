/** Gates: soft masks from task embeddings while training (HAT, Serra et al. 2018, arXiv 1801.01423). */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../engine/index.ts';
import { type PluginConfig, pluginPlaces } from './config.ts';

/** Task embeddings are kept within ±6, where the gate still moves (HAT, section 2.4). */
export const EMBEDDING_BOUND = 6;
const EXPONENT_BOUND = 50;

/** m = sigma(s·e) for every task embedding; `<plugin>.e1` gives `<plugin>.mask1`. */
export function gates(config: PluginConfig, embeddings: Tensors, s: tf.Tensor): Record<string, tf.Tensor> {
  const result: Record<string, tf.Tensor> = {};
  for (const { name } of pluginPlaces(config)) {
    for (const end of ['1', '2']) {
      result[`${name}.mask${end}`] = tf.sigmoid(tf.mul(embeddings[`${name}.e${end}`]!, s));
    }
  }
  return result;
}

/**
 * Undoes the annealing's effect on the size of an embedding's gradient (HAT, equation 4):
 * g · (s_max/s) · (cosh(clamp(s·e, ±50)) + 1) / (cosh(e) + 1).
 */
export function compensate(gradient: tf.Tensor, embedding: tf.Tensor, s: tf.Tensor, sMax: number): tf.Tensor {
  const scaled = tf.clipByValue(tf.mul(embedding, s), -EXPONENT_BOUND, EXPONENT_BOUND);
  const ratio = tf.div(tf.add(tf.cosh(scaled), 1), tf.add(tf.cosh(embedding), 1));
  return tf.mul(tf.mul(gradient, ratio), tf.div(sMax, s));
}

/** HAT's sparsity term (equation 5): the share of what is not yet claimed that the gates take. A scalar. */
export function sparsity(config: PluginConfig, masks: Tensors, claims: Tensors): tf.Scalar {
  const taken: tf.Tensor[] = [];
  const free: tf.Tensor[] = [];
  for (const { name } of pluginPlaces(config)) {
    for (const end of ['1', '2']) {
      const unclaimed = tf.sub(1, claims[`${name}.claim${end}`]!);
      taken.push(tf.sum(tf.mul(masks[`${name}.mask${end}`]!, unclaimed)));
      free.push(tf.sum(unclaimed));
    }
  }
  return tf.div(tf.addN(taken), tf.maximum(tf.addN(free), 1));
}
