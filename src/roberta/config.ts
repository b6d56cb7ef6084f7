/** Sizes of a RoBERTa-like encoder, by the names that Hugging Face gives them in `config.json`. */
import { CptError } from '../errors.ts';

export interface RobertaConfig {
  readonly vocabSize: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  /** Rows of the position table, the two reserved ones included. */
  readonly maxPositions: number;
  readonly typeVocab: number;
  readonly layerNormEpsilon: number;
  readonly padId: number;
}

const FIELDS: Record<keyof RobertaConfig, string> = {
  vocabSize: 'vocab_size',
  hidden: 'hidden_size',
  layers: 'num_hidden_layers',
  heads: 'num_attention_heads',
  intermediate: 'intermediate_size',
  maxPositions: 'max_position_embeddings',
  typeVocab: 'type_vocab_size',
  layerNormEpsilon: 'layer_norm_eps',
  padId: 'pad_token_id',
};

/**
 * Reads a `config.json`.
 * @throws CptError CPT_BASE where it is not a RoBERTa or a size is missing or impossible.
 */
export function parseRobertaConfig(json: unknown): RobertaConfig {
  if (typeof json !== 'object' || json === null)
    throw new CptError('CPT_BASE', 'config.json is not an object.');
  const record = json as Readonly<Record<string, unknown>>;
  if (record.model_type !== 'roberta') {
    throw new CptError('CPT_BASE', `config.json has model_type ${JSON.stringify(record.model_type)}.`, {
      hint: 'Supported: roberta.',
    });
  }
  if (record.hidden_act !== undefined && record.hidden_act !== 'gelu') {
    throw new CptError(
      'CPT_BASE',
      `config.json has hidden_act ${JSON.stringify(record.hidden_act)}, not gelu.`,
    );
  }
  const read = (field: keyof RobertaConfig, least: number): number => {
    const value = record[FIELDS[field]];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
      throw new CptError('CPT_BASE', `config.json has ${FIELDS[field]} ${JSON.stringify(value)}.`);
    }
    return value;
  };
  const config: RobertaConfig = {
    vocabSize: read('vocabSize', 6),
    hidden: read('hidden', 1),
    layers: read('layers', 1),
    heads: read('heads', 1),
    intermediate: read('intermediate', 1),
    maxPositions: read('maxPositions', 4),
    typeVocab: read('typeVocab', 1),
    layerNormEpsilon: read('layerNormEpsilon', 0),
    padId: read('padId', 0),
  };
  if (config.hidden % config.heads !== 0) {
    throw new CptError(
      'CPT_BASE',
      `hidden_size ${config.hidden} is not a multiple of the ${config.heads} heads.`,
    );
  }
  return config;
}

/** The `config.json` fields of these sizes. */
export function robertaConfigJson(config: RobertaConfig): Record<string, unknown> {
  const sizes = Object.entries(FIELDS).map(([field, name]) => [name, config[field as keyof RobertaConfig]]);
  return {
    architectures: ['RobertaForMaskedLM'],
    model_type: 'roberta',
    attention_probs_dropout_prob: 0.1,
    bos_token_id: 0,
    eos_token_id: 2,
    hidden_act: 'gelu',
    hidden_dropout_prob: 0.1,
    initializer_range: 0.02,
    position_embedding_type: 'absolute',
    ...Object.fromEntries(sizes),
  };
}
