/** A model small enough to reckon with, its weights given by a formula that `make_task_step.py` shares. */
import type { Weights } from '../../src/engine/index.ts';
import { neuronShapes, type Placement, type PluginConfig, pluginShapes } from '../../src/plugin/config.ts';
import type { RobertaConfig } from '../../src/roberta/config.ts';
import { publishedNames, robertaShapes, shapedWeights } from '../../src/roberta/weights.ts';
import type { BatchShape } from '../../src/train/mlm.ts';
import { type Slot, slotOf } from '../../src/train/step.ts';

export const config: RobertaConfig = {
  family: 'roberta',
  vocabSize: 40,
  hidden: 8,
  layers: 2,
  heads: 2,
  intermediate: 12,
  maxPositions: 14,
  typeVocab: 1,
  layerNormEpsilon: 1e-5,
  padId: 1,
  tied: true,
};
export const shape: BatchShape = { batch: 2, length: 9, positions: 6 };

export function pluginConfig(placement: Placement, { hidden, layers }: RobertaConfig = config): PluginConfig {
  return { hidden, layers, widths: { attention: 6, ffn: 6 }, placement };
}

/** Values in [-1, 1) that depend on the name and the index alone. */
export function noise(name: string, size: number): Float64Array {
  const phase = Array.from(name).reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 97;
  return Float64Array.from({ length: size }, (_, at) => {
    const value = Math.sin(12.9898 * at + phase) * 43758.5453;
    return 2 * (value - Math.floor(value)) - 1;
  });
}

const sizeOf = (of: readonly number[]) => of.reduce((product, axis) => product * axis, 1);

/** Each from the noise of its name in the family's files. */
export function baseValues(of: RobertaConfig = config): Record<string, Float32Array> {
  const shapes = robertaShapes(of);
  return Object.fromEntries(
    [...publishedNames(of)].map(([published, name]) => {
      const centre = /(LayerNorm|layer_norm)\.weight$/.test(name) ? 1 : 0;
      const values = noise(published, sizeOf(shapes[name]!));
      return [name, Float32Array.from(values, (value) => centre + 0.3 * value)];
    }),
  );
}

export function baseWeights(of: RobertaConfig = config): Weights {
  return shapedWeights(of, baseValues(of));
}

/** Plugin weights and task embeddings, with empty moments. */
export function pluginSlots(plugin: PluginConfig): Record<string, Slot> {
  const shapes = { ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') };
  return Object.fromEntries(
    Object.entries(shapes).map(([name, of]) => [
      name,
      slotOf(Float32Array.from(noise(name, sizeOf(of)), (value) => 0.5 * value)),
    ]),
  );
}

/** Two texts, the second padded; six masked tokens, of which the last does not count. */
export function batch(): Record<string, Int32Array | Float32Array> {
  const ids = Int32Array.from({ length: 18 }, (_, at) => ((7 * at * at + 3 * at) % 35) + 5);
  for (const start of [0, 9]) ids[start] = 0;
  for (const padded of [16, 17]) ids[padded] = 1;
  return {
    ids,
    attention: Float32Array.from(ids, (id) => (id === 1 ? 0 : 1)),
    positions: Int32Array.of(2, 5, 8, 10, 13, 14),
    labels: Int32Array.of(6, 17, 30, 8, 39, 11),
    weights: Float32Array.of(1, 1, 1, 1, 1, 0),
  };
}

/** Every third neuron of the first layers and every second of the second layers is claimed. */
export function claimFeeds(plugin: PluginConfig): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(neuronShapes(plugin, 'claim')).map(([name, [size]]) => {
      const every = name.endsWith('1') ? 3 : 2;
      return [name, Float32Array.from({ length: size! }, (_, at) => (at % every === 0 ? 1 : 0))];
    }),
  );
}
