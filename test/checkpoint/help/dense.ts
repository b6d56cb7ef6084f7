/** Plugins given whole, as a lineage would keep them: the number of a neuron is its row. */
import { type PrunedPlugin, prune } from '../../../src/checkpoint/prune.ts';
import { type PluginConfig, pluginPlaces } from '../../../src/plugin/config.ts';
import { type Kept, keptOf } from '../../../src/plugin/kept.ts';
import type { Masks } from '../../../src/plugin/mask.ts';
import type { NeuronSource } from '../../../src/plugin/neurons.ts';

type Weights = Readonly<Record<string, Float32Array>>;

export function denseSource(config: PluginConfig, weights: Weights): NeuronSource {
  const { hidden } = config;
  return {
    rows(name, index) {
      const width = config.widths[name.endsWith('attention') ? 'attention' : 'ffn'];
      const table = (value: (neuron: number, column: number) => number) =>
        Float32Array.from({ length: index.length * hidden }, (_, at) =>
          value(index[Math.floor(at / hidden)]!, at % hidden),
        );
      return {
        index,
        fc1: table((neuron, column) => weights[`${name}.fc1.weight`]![neuron * hidden + column]!),
        bias: Float32Array.from(index, (neuron) => weights[`${name}.fc1.bias`]![neuron]!),
        fc2: table((neuron, output) => weights[`${name}.fc2.weight`]![output * width + neuron]!),
      };
    },
    outputBias: (name) => weights[`${name}.fc2.bias`]!,
  };
}

export function keptBy(config: PluginConfig, masks: Masks): Kept {
  const rows = pluginPlaces(config).map(({ name, width }) => [
    name,
    Uint32Array.from({ length: width }, (_, at) => at),
  ]);
  return keptOf(masks, Object.fromEntries(rows));
}

export function pruneDense(config: PluginConfig, weights: Weights, masks: Masks): PrunedPlugin[] {
  return prune(config, denseSource(config, weights), keptBy(config, masks));
}
