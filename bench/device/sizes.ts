/** The models of this check: one that even a software adapter trains in a minute, and those of `bench/speed`. */
import { type Size, sizeOf } from '../speed/sizes.ts';

const TINY: Size = {
  title: '2 layers, 64 wide, vocabulary 512, plugins 64; batch 4×32',
  config: {
    family: 'roberta',
    vocabSize: 512,
    hidden: 64,
    layers: 2,
    heads: 4,
    intermediate: 256,
    maxPositions: 66,
    typeVocab: 1,
    layerNormEpsilon: 1e-5,
    padId: 1,
    tied: true,
  },
  plugin: { hidden: 64, layers: 2, widths: { attention: 64, ffn: 64 }, placement: 'sequential' },
  batch: 4,
  length: 32,
  tiny: { batch: 4, length: 32 },
  steps: 50,
  rounds: 1,
};

/** @throws RangeError for a size that is not in the list */
export function sizeFor(name: string): Size {
  return name === 'tiny' ? TINY : sizeOf(name);
}
