/** What a pre-training starts from. */
import type { Rng } from '../rng.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { initialWeights, POSITION_EMBEDDINGS, sinusoidalPositions } from '../roberta/weights.ts';
import type { TokenIds } from '../text/corpus.ts';
import type { SpecialTokens } from '../text/tokenizer.ts';

const POSITION_SCALE = 0.04;

/**
 * RoBERTa's random weights, with two things that a short training would spend its first part on finding: positions
 * that can be told apart, and how frequent each token is.
 */
export function freshWeights(
  config: RobertaConfig,
  special: SpecialTokens,
  tokens: TokenIds,
  rng: Rng,
): Record<string, Float32Array> {
  return {
    ...initialWeights(config, rng),
    [POSITION_EMBEDDINGS]: sinusoidalPositions(config, POSITION_SCALE),
    'lm_head.bias': frequencyBias(config.vocabSize, special, tokens),
  };
}

/** Logarithms of the tokens' frequencies, each counted once more than it was seen; special ones are never predicted. */
export function frequencyBias(vocabSize: number, special: SpecialTokens, tokens: TokenIds): Float32Array {
  const counts = new Float64Array(vocabSize).fill(1);
  for (const id of tokens) counts[id]! += 1;
  for (const id of Object.values(special)) counts[id] = 1;
  const all = counts.reduce((sum, seen) => sum + seen, 0);
  return Float32Array.from(counts, (seen) => Math.log(seen / all));
}
