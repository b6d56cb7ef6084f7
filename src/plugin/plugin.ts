/**
 * The CL-plugin (Ke et al. 2022, arXiv 2210.05549, section 3.1): a two-layer network with a mask on each layer,
 * h1 = ReLU(fc1 x) ⊙ m1, h2 = ReLU(fc2 h1) ⊙ m2, plugin(x) = x + h2.
 */
import * as tf from '@tensorflow/tfjs';
import { keep, linear, type Tensors } from '../engine/index.ts';
import type { Plug } from '../roberta/model.ts';
import { type PluginConfig, pluginName } from './config.ts';

/** How a layer's neurons are masked: by a soft gate while training, by selection afterwards. */
export type ApplyMask = (activations: tf.Tensor, mask: tf.Tensor) => tf.Tensor;

/** Multiplies by a gate in (0, 1). */
export const softly: ApplyMask = (activations, gate) => tf.mul(activations, gate);

/** Keeps where the mask is 1; what is masked out is 0 even where it is not a number. */
export const exactly: ApplyMask = (activations, mask) => keep(activations, tf.greater(mask, 0.5));

/**
 * Fills the model's hole with plugins.
 * @param weights plugin weights by name, see `pluginShapes`
 * @param masks `<plugin>.mask1` [width] and `<plugin>.mask2` [hidden] by name
 */
export function pluginPlug(config: PluginConfig, weights: Tensors, masks: Tensors, apply: ApplyMask): Plug {
  return (layer, site, input, output) => {
    const name = pluginName(layer, site);
    const x = config.placement === 'sequential' ? output : input; // [batch·length, hidden]
    const dense = (of: tf.Tensor, part: string) =>
      tf.relu(linear(of, weights[`${name}.${part}.weight`]!, weights[`${name}.${part}.bias`]!));
    const h1 = apply(dense(x, 'fc1'), masks[`${name}.mask1`]!); // [batch·length, width]
    const h2 = apply(dense(h1, 'fc2'), masks[`${name}.mask2`]!); // [batch·length, hidden]
    return tf.add(output, h2);
  };
}
