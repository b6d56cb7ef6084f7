/** A small RoBERTa with plugins and random masks, for tests. */
import type { Placement, PluginConfig } from '../../../src/plugin/config.ts';
import { pluginPlaces, pluginShapes } from '../../../src/plugin/config.ts';
import type { Masks } from '../../../src/plugin/mask.ts';
import { makeRng } from '../../../src/rng.ts';
import type { RobertaConfig } from '../../../src/roberta/config.ts';
import { robertaShapes } from '../../../src/roberta/weights.ts';

export const SMALL: RobertaConfig = {
  family: 'roberta',
  vocabSize: 300,
  hidden: 24,
  layers: 2,
  heads: 3,
  intermediate: 40,
  maxPositions: 34,
  typeVocab: 1,
  layerNormEpsilon: 1e-5,
  padId: 1,
  tied: true,
};

export function smallPlugin(placement: Placement = 'sequential', model: RobertaConfig = SMALL): PluginConfig {
  return { hidden: model.hidden, layers: model.layers, widths: { attention: 16, ffn: 20 }, placement };
}

/** Weights by shape, normal with a deviation that makes every part of the model matter. */
export function randomWeights(
  shapes: Readonly<Record<string, readonly number[]>>,
  seed: string,
  deviation = 0.3,
): Record<string, Float32Array> {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const rng = makeRng(seed).fork(name);
      const length = shape.reduce((product, axis) => product * axis, 1);
      const around = /(LayerNorm|layer_norm)\.weight$/.test(name) ? 1 : 0;
      return [name, Float32Array.from({ length }, () => around + deviation * rng.normal())];
    }),
  );
}

export const smallBase = (seed = 'base') => randomWeights(robertaShapes(SMALL), seed);
export const smallPlugins = (config: PluginConfig, seed = 'plugins') =>
  randomWeights(pluginShapes(config), seed);

/** Each neuron is kept with probability `share`. */
export function randomMasks(config: PluginConfig, seed: string, share = 0.5): Masks {
  const rng = makeRng(seed).fork('masks');
  const mask = (length: number) => Uint8Array.from({ length }, () => (rng.uniform() < share ? 1 : 0));
  return Object.fromEntries(
    pluginPlaces(config).map(({ name, width }) => [name, { mask1: mask(width), mask2: mask(config.hidden) }]),
  );
}
