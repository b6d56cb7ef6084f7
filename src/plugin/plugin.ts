/**
 * The CL-plugin (Ke et al. 2022, arXiv 2210.05549, section 3.1): a two-layer network with a mask on each layer,
 * h1 = ReLU(fc1 x) ⊙ m1, h2 = ReLU(fc2 h1) ⊙ m2, plugin(x) = x + h2.
 */
import * as tf from '@tensorflow/tfjs';
import { keep, linear, relu, type Tensors } from '../engine/index.ts';
import type { Plug } from '../roberta/model.ts';
import { type PluginConfig, pluginName } from './config.ts';

/** ReLU(weight x + bias) ⊙ mask: a soft gate while training, a selection afterwards. */
export type MaskedLayer = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, mask: tf.Tensor) => tf.Tensor;

/**
 * With a gate in [0, 1]. A gate is not negative, so it may as well scale the neuron's weights before the ReLU as
 * its activations after it: the same numbers, and the gate's gradient is a sum over weights, not over a batch.
 */
export const softly: MaskedLayer = (x, weight, bias, gate) =>
  relu(linear(x, tf.mul(weight, tf.expandDims(gate, 1)), tf.mul(bias, gate)));

/** Keeps where the mask is 1; what is masked out is 0 even where it is not a number. */
export const exactly: MaskedLayer = (x, weight, bias, mask) =>
  keep(relu(linear(x, weight, bias)), tf.greater(mask, 0.5));

/**
 * Fills the model's hole with plugins.
 * @param weights plugin weights by name, see `pluginShapes`
 * @param masks `<plugin>.mask1` [width] and `<plugin>.mask2` [hidden] by name
 */
export function pluginPlug(config: PluginConfig, weights: Tensors, masks: Tensors, layer: MaskedLayer): Plug {
  return (at, site, input, output) => {
    const name = pluginName(at, site);
    const x = config.placement === 'sequential' ? output : input; // [batch·length, hidden]
    const masked = (of: tf.Tensor, end: 1 | 2) =>
      layer(
        of,
        weights[`${name}.fc${end}.weight`]!,
        weights[`${name}.fc${end}.bias`]!,
        masks[`${name}.mask${end}`]!,
      );
    const h1 = masked(x, 1); // [batch·length, width]
    const h2 = masked(h1, 2); // [batch·length, hidden]
    return tf.add(output, h2);
  };
}
