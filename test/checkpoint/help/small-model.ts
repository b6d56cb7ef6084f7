/** A small RoBERTa, and one of each other family, with plugins and random masks, for tests. */
import type { Placement, PluginConfig } from '../../../src/plugin/config.ts';
import { pluginPlaces, pluginShapes } from '../../../src/plugin/config.ts';
import type { Masks } from '../../../src/plugin/mask.ts';
import { makeRng } from '../../../src/rng.ts';
import type { RobertaConfig } from '../../../src/roberta/config.ts';
import { FAMILIES, type FamilyName } from '../../../src/roberta/families/index.ts';
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

/** One of each family, and one whose decoder is a weight of its own. */
export const SMALL_FAMILIES: Readonly<Record<FamilyName | 'bert-untied', RobertaConfig>> = {
  roberta: SMALL,
  'xlm-roberta': { ...SMALL, family: 'xlm-roberta' },
  bert: { ...SMALL, family: 'bert', typeVocab: 2, layerNormEpsilon: 1e-12, padId: 0 },
  distilbert: { ...SMALL, ...FAMILIES.distilbert.fixed, family: 'distilbert', padId: 0 },
  'bert-untied': { ...SMALL, family: 'bert', typeVocab: 2, padId: 0, tied: false },
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

export const smallBase = (config = SMALL, seed = 'base') => randomWeights(robertaShapes(config), seed);
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
