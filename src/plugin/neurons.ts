/** First-layer neurons with all that belongs to them, and their way into a task's weights. */
import type { Rng } from '../rng.ts';
import type { ActiveSet } from './active-set.ts';
import { type PluginConfig, pluginPlaces } from './config.ts';
import { initialPlugins } from './init.ts';
import type { Uses } from './kept.ts';

/** Neurons of one plugin, a row each. */
export interface NeuronRows {
  /** Their numbers in the lineage, ascending [n]. */
  readonly index: Uint32Array;
  readonly fc1: Float32Array; // [n, hidden]: rows of fc1.weight
  readonly bias: Float32Array; // [n]: of fc1.bias
  readonly fc2: Float32Array; // [n, hidden]: columns of fc2.weight, what a neuron gives to each output
}

/** Where the claimed neurons of a lineage are kept. */
export interface NeuronSource {
  /**
   * @param index ascending
   * @throws CptError CPT_STATE where one is missing
   */
  rows(plugin: string, index: Uint32Array): NeuronRows;
  /** The second layer's biases [hidden]. */
  outputBias(plugin: string): Float32Array;
}

/** Weights of an active set by name, see `pluginShapes`: claimed neurons as they are kept, free ones anew. */
export function activeWeights(
  config: PluginConfig,
  { neurons }: ActiveSet,
  uses: Uses,
  source: NeuronSource,
  rng: Rng,
): Record<string, Float32Array> {
  const weights = initialPlugins(config, rng);
  const { hidden } = config;
  for (const { name, width } of pluginPlaces(config)) {
    const index = neurons[name]!.filter((neuron) => isClaimed(uses, name, neuron));
    const { fc1, bias, fc2 } = source.rows(name, index);
    const rowOf = rowsBy(neurons[name]!);
    const [weight1, bias1, weight2] = ['fc1.weight', 'fc1.bias', 'fc2.weight'].map(
      (part) => weights[`${name}.${part}`]!,
    ) as [Float32Array, Float32Array, Float32Array];
    for (const [at, neuron] of index.entries()) {
      const row = rowOf.get(neuron)!;
      weight1.set(fc1.subarray(at * hidden, (at + 1) * hidden), row * hidden);
      bias1[row] = bias[at]!;
      for (let output = 0; output < hidden; output++) {
        weight2[output * width + row] = fc2[at * hidden + output]!;
      }
    }
    const outputBias = source.outputBias(name);
    weights[`${name}.fc2.bias`] = outputBias.map((value, output) =>
      uses[name]!.second[output]! > 0 ? value : 0,
    );
  }
  return weights;
}

/** Claims over an active set as feeds: `<plugin>.claim1` [width] and `<plugin>.claim2` [hidden], 1 where claimed. */
export function claimFeeds({ neurons }: ActiveSet, uses: Uses): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(neurons).flatMap(([name, rows]) => [
      [`${name}.claim1`, Float32Array.from(rows, (neuron) => (isClaimed(uses, name, neuron) ? 1 : 0))],
      [`${name}.claim2`, Float32Array.from(uses[name]!.second, (users) => (users > 0 ? 1 : 0))],
    ]),
  );
}

/** Whether any version keeps a first-layer neuron. */
export function isClaimed(uses: Uses, name: string, neuron: number): boolean {
  return (uses[name]!.first[neuron] ?? 0) > 0; // one that was grown for the task is beyond the counts
}

/** On which row each neuron is. */
export function rowsBy(neurons: Uint32Array): Map<number, number> {
  return new Map(Array.from(neurons, (neuron, row) => [neuron, row]));
}
