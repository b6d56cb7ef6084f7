/** Fresh plugin weights and task embeddings. */
import type { Rng } from '../rng.ts';
import { neuronShapes, type PluginConfig, pluginShapes } from './config.ts';

/** Weights uniform in ±1/sqrt(inputs), biases 0: the customary initialisation of a dense layer. */
export function initialPlugins(config: PluginConfig, rng: Rng): Record<string, Float32Array> {
  const weights: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(pluginShapes(config))) {
    const data = new Float32Array(shape.reduce((product, axis) => product * axis, 1));
    if (shape.length === 2) {
      const stream = rng.fork(name);
      const bound = 1 / Math.sqrt(shape[1]!);
      for (let at = 0; at < data.length; at++) data[at] = (2 * stream.uniform() - 1) * bound;
    }
    weights[name] = data;
  }
  return weights;
}

/** Task embeddings, normal with deviation 1: about half of the gates start open. */
export function initialEmbeddings(config: PluginConfig, rng: Rng): Record<string, Float32Array> {
  const embeddings: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(neuronShapes(config, 'e'))) {
    const stream = rng.fork(name);
    embeddings[name] = Float32Array.from({ length: shape[0]! }, () => stream.normal());
  }
  return embeddings;
}
