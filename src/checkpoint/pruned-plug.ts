/** Pruned plugins in the model's hole: the same function as masked ones, over the kept neurons alone. */
import * as tf from '@tensorflow/tfjs';
import { linear, type Tensors, type Weights } from '../engine/index.ts';
import { type PluginConfig, pluginName } from '../plugin/config.ts';
import type { Plug } from '../roberta/model.ts';
import type { PrunedPlugin } from './prune.ts';

/** The pruned weights with their shapes; those without elements are left out, no runtime need meet them. */
export function prunedWeights(config: PluginConfig, plugins: readonly PrunedPlugin[]): Weights {
  const weights: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const { place, index1, index2, fc1, fc2 } of plugins) {
    const [k1, k2] = [index1.length, index2.length];
    weights[`${place.name}.fc1.weight`] = { shape: [k1, config.hidden], data: fc1.weight };
    weights[`${place.name}.fc1.bias`] = { shape: [k1], data: fc1.bias };
    weights[`${place.name}.fc2.weight`] = { shape: [k2, k1], data: fc2.weight };
    weights[`${place.name}.fc2.bias`] = { shape: [k2], data: fc2.bias };
  }
  return Object.fromEntries(Object.entries(weights).filter(([, { data }]) => data.length > 0));
}

/**
 * @param weights as `prunedWeights` names them
 * @returns what fills the hole; a plugin without kept outputs adds nothing, not even a zero
 */
export function prunedPlug(config: PluginConfig, weights: Tensors, plugins: readonly PrunedPlugin[]): Plug {
  const byName = new Map(plugins.map((plugin) => [plugin.place.name, plugin]));
  return (layer, site, input, output) => {
    const name = pluginName(layer, site);
    const { index1, index2 } = byName.get(name)!;
    if (index2.length === 0) return output;
    const weight = (part: string) => weights[`${name}.${part}`]!;
    // Rows of zeros stand for the outputs that are not kept. They depend on nothing but weights: a runtime puts
    // them in once, when it loads the model, and the file need not hold them.
    const spread = outputRows(config.hidden, index2);
    const bias = tf.gather(tf.concat([weight('fc2.bias'), tf.zeros([1])]), spread); // [hidden]
    if (index1.length === 0) return tf.add(output, tf.relu(bias));
    const x = config.placement === 'sequential' ? output : input; // [batch·length, hidden]
    const h1 = tf.relu(linear(x, weight('fc1.weight'), weight('fc1.bias'))); // [batch·length, k1]
    const rows = tf.gather(tf.concat([weight('fc2.weight'), tf.zeros([1, index1.length])]), spread);
    return tf.add(output, tf.relu(linear(h1, rows, bias))); // [batch·length, hidden]
  };
}

/** For each output, its row among the kept ones; the row behind them for all others: [hidden] int32. */
function outputRows(hidden: number, index2: readonly number[]): tf.Tensor1D {
  const rows = new Int32Array(hidden).fill(index2.length);
  for (const [row, output] of index2.entries()) rows[output] = row;
  return tf.tensor1d(rows, 'int32');
}
