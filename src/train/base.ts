/** A base model in memory: sizes, frozen weights, tokenizer. */
import type { RobertaConfig } from '../roberta/config.ts';
import type { Tokenizer } from '../text/tokenizer.ts';

export interface BaseModel {
  readonly config: RobertaConfig;
  /** By Hugging Face name, see `robertaShapes`. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  readonly tokenizer: Tokenizer;
}
