/** Sizes of a RoBERTa-like encoder, and the `config.json` that says them, by the names of its family. */
import { CptError } from '../errors.ts';
import { FAMILIES, type Family, type FamilyName, isFamilyName, type Size } from './families/index.ts';

export interface RobertaConfig {
  readonly family: FamilyName;
  readonly vocabSize: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  /** Rows of the position table, those that are never used (RoBERTa has two) included. */
  readonly maxPositions: number;
  /** Rows of the token type table; 0 where there is none. */
  readonly typeVocab: number;
  readonly layerNormEpsilon: number;
  readonly padId: number;
  /** Whether the decoder of the masked-LM head is the table of word embeddings, or a weight of its own. */
  readonly tied: boolean;
}

/** The smallest value of each size that can be meant. */
const LEAST: Readonly<Record<Size, number>> = {
  vocabSize: 6,
  hidden: 1,
  layers: 1,
  heads: 1,
  intermediate: 1,
  maxPositions: 4,
  typeVocab: 1,
  layerNormEpsilon: 0,
  padId: 0,
};

/** The row of the position table in which the first token of a text stands. */
export function firstPosition({ family, padId }: Pick<RobertaConfig, 'family' | 'padId'>): number {
  return FAMILIES[family].positions === 'behind-padding' ? padId + 1 : 0;
}

/** Tokens of the longest text that there are positions for. */
export function maxLength(config: Pick<RobertaConfig, 'family' | 'padId' | 'maxPositions'>): number {
  return config.maxPositions - firstPosition(config);
}

/**
 * Reads a `config.json`.
 * @throws CptError CPT_BASE where it is of no family that is known, computes something else than `model.ts`, or where a
 *   size is missing or impossible.
 */
export function parseRobertaConfig(json: unknown): RobertaConfig {
  if (typeof json !== 'object' || json === null)
    throw new CptError('CPT_BASE', 'config.json is not an object.');
  const record = json as Readonly<Record<string, unknown>>;
  if (!isFamilyName(record.model_type)) {
    throw new CptError('CPT_BASE', `config.json has model_type ${told(record.model_type)}.`, {
      hint: `Supported: ${Object.keys(FAMILIES).join(', ')}.`,
    });
  }
  const family = FAMILIES[record.model_type];
  checkKind(record, family);
  const read = (size: Size): number => readSize(record, family, size);
  const config: RobertaConfig = {
    family: family.name,
    vocabSize: read('vocabSize'),
    hidden: read('hidden'),
    layers: read('layers'),
    heads: read('heads'),
    intermediate: read('intermediate'),
    maxPositions: read('maxPositions'),
    typeVocab: read('typeVocab'),
    layerNormEpsilon: read('layerNormEpsilon'),
    padId: read('padId'),
    tied: record.tie_word_embeddings !== false,
  };
  const { fields } = family;
  if (config.hidden % config.heads !== 0) {
    throw new CptError(
      'CPT_BASE',
      `${fields.hidden} ${config.hidden} is not a multiple of the ${config.heads} heads.`,
    );
  }
  if (config.padId >= config.vocabSize || maxLength(config) < 3) {
    throw new CptError(
      'CPT_BASE',
      `${fields.padId} ${config.padId} does not fit ${fields.vocabSize} ${config.vocabSize} and ${fields.maxPositions} ${config.maxPositions}.`,
    );
  }
  return config;
}

/** Refuses what has the sizes of an encoder and yet is another function. */
function checkKind(record: Readonly<Record<string, unknown>>, { activation }: Family): void {
  const known: Readonly<Record<string, readonly unknown[]>> = {
    [activation]: ['gelu', 'gelu_python'], // two names of the exact one
    position_embedding_type: ['absolute'],
    is_decoder: [false],
    add_cross_attention: [false],
  };
  for (const [field, values] of Object.entries(known)) {
    const value = record[field];
    if (value === undefined || value === null || values.includes(value)) continue;
    throw new CptError('CPT_BASE', `config.json has ${field} ${told(value)}, not ${values[0]}.`, {
      hint: 'Take an encoder with exact GELU and absolute positions, as most of these families are.',
    });
  }
}

function readSize(
  record: Readonly<Record<string, unknown>>,
  { fields, fixed, defaults }: Family,
  size: Size,
): number {
  const field = fields[size];
  if (field === undefined) return fixed[size]!;
  const value = record[field] ?? defaults[size];
  const whole = size === 'layerNormEpsilon' ? Number.isFinite : Number.isSafeInteger;
  if (typeof value !== 'number' || !whole(value) || value < LEAST[size]) {
    throw new CptError('CPT_BASE', `config.json has ${field} ${told(value)}.`);
  }
  return value;
}

function told(value: unknown): string {
  return String(JSON.stringify(value)).slice(0, 100);
}

/** The `config.json` fields of these sizes. */
export function robertaConfigJson(config: RobertaConfig): Record<string, unknown> {
  const { name, classes, others, fields } = FAMILIES[config.family];
  const sizes = Object.entries(fields).map(([size, field]) => [field, config[size as Size]]);
  return {
    architectures: [`${classes}ForMaskedLM`],
    model_type: name,
    ...others,
    ...Object.fromEntries(sizes),
    ...(config.tied ? {} : { tie_word_embeddings: false }),
  };
}
