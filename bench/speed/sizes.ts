/** The models whose training step is timed. */
import type { PluginConfig } from '../../src/plugin/config.ts';
import type { RobertaConfig } from '../../src/roberta/config.ts';

export interface Size {
  readonly title: string;
  readonly config: RobertaConfig;
  readonly plugin: PluginConfig;
  readonly batch: number;
  readonly length: number;
  /** Batch and length for tfjs's own `cpu` backend, which is too slow for the full ones. */
  readonly tiny: { readonly batch: number; readonly length: number };
  /** Steps of one turn of an engine, and how many turns each has. */
  readonly steps: number;
  readonly rounds: number;
}

function roberta(layers: number, hidden: number, heads: number, vocabSize: number): RobertaConfig {
  return {
    family: 'roberta',
    vocabSize,
    hidden,
    layers,
    heads,
    intermediate: 4 * hidden,
    maxPositions: 514,
    typeVocab: 1,
    layerNormEpsilon: 1e-5,
    padId: 1,
    tied: true,
  };
}

function plugins(layers: number, hidden: number): PluginConfig {
  return { hidden, layers, widths: { attention: hidden, ffn: hidden }, placement: 'sequential' };
}

export const SIZES: Readonly<Record<string, Size>> = {
  small: {
    title: '4 layers, 256 wide, vocabulary 8,192, plugins 256; batch 16×128',
    config: roberta(4, 256, 4, 8192),
    plugin: plugins(4, 256),
    batch: 16,
    length: 128,
    tiny: { batch: 1, length: 128 },
    steps: 4,
    rounds: 9,
  },
  minilm: {
    title: 'MiniLM size: 6 layers, 384 wide, vocabulary 30,522, plugins 384; batch 16×128',
    config: roberta(6, 384, 12, 30522),
    plugin: plugins(6, 384),
    batch: 16,
    length: 128,
    tiny: { batch: 1, length: 32 },
    steps: 2,
    rounds: 9,
  },
  base: {
    title: 'RoBERTa-base: 12 layers, 768 wide, vocabulary 50,265, plugins 768/768; batch 4×164',
    config: roberta(12, 768, 12, 50265),
    plugin: plugins(12, 768),
    batch: 4,
    length: 164,
    tiny: { batch: 1, length: 16 },
    steps: 1,
    rounds: 9,
  },
};

/** @throws RangeError for a size that is not in the list */
export function sizeOf(name: string): Size {
  const size = SIZES[name];
  if (size === undefined)
    throw new RangeError(`No size ${name}; there are ${Object.keys(SIZES).join(', ')}.`);
  return size;
}
