/** A base model in memory: sizes, frozen weights, tokenizer. */
import type { Weights } from '../engine/index.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { robertaShapes } from '../roberta/weights.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

export interface BaseModel {
  readonly config: RobertaConfig;
  /** By Hugging Face name, see `robertaShapes`. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly tokenizer: Tokenizer;
}

/** The base's weights with their shapes, as the engine takes them. */
export function frozenWeights({ config, weights }: BaseModel): Weights {
  return Object.fromEntries(
    Object.entries(robertaShapes(config)).map(([name, shape]) => [name, { shape, data: weights[name]! }]),
  );
}
