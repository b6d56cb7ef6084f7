/** A base model in memory: sizes, frozen weights, tokenizer. */
import { largestInteger, type Precision } from '../engine/index.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { roundedWeights } from '../roberta/rounded.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

export interface BaseModel {
  readonly config: RobertaConfig;
  /** By Hugging Face name, see `robertaShapes`. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly tokenizer: Tokenizer;
}

/** The weights that a task in this precision stands on: what is trained on is what is measured and published. */
export async function weightsFor(
  { config, weights }: Pick<BaseModel, 'config' | 'weights'>,
  precision: Precision,
): Promise<BaseModel['weights']> {
  return precision === 'fp32' ? weights : roundedWeights(config, weights, await largestInteger());
}
