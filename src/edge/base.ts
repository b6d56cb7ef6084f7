/** Loads a base model from a folder laid out as on a hub: config.json, the tokenizer's files, safetensors. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { baseShard, JsonFault, parseStrictJson } from '../checkpoint/index.ts';
import { CptError } from '../errors.ts';
import { parseRobertaConfig, type RobertaConfig } from '../roberta/config.ts';
import { loadTokenizer, type Tokenizer } from '../text/tokenizer.ts';
import type { BaseModel } from '../train/base.ts';
import { type HeadOptions, readWeights } from './base-weights.ts';
import { readOptional, readRequired } from './weight-files.ts';

export interface LoadedBase extends BaseModel {
  /** The tokenizer's files by name, as they stand in the folder. */
  readonly tokenizerFiles: Readonly<Record<string, string>>;
  /** The text of LICENSE, where there is one. */
  readonly licence: string | null;
  /** Whether the masked-LM head is the base's, or a fresh one that knows nothing yet. */
  readonly hasHead: boolean;
  /** SHA-256 of the weights as they are published, in single precision: equal weights, equal hash. */
  readonly sha256: string;
}

const LICENCES = ['LICENSE', 'LICENSE.txt', 'LICENSE.md', 'LICENCE'];

/**
 * What shows at once of a base that cannot be loaded: no folder, no or a wrong config.json.
 * @throws CptError CPT_BASE
 */
export async function checkBase(folder: string): Promise<RobertaConfig> {
  await checkFolder(folder);
  return readConfig(folder);
}

/** @throws CptError CPT_BASE, CPT_TOKENIZER, CPT_SAFETENSORS */
export async function loadBase(folder: string, options: HeadOptions = {}): Promise<LoadedBase> {
  const told = await checkBase(folder);
  const tokenizerFiles = await readTokenizerFiles(folder);
  const tokenizer = loadTokenizer(tokenizerFiles['tokenizer.json']!);
  checkFit(told, tokenizer, folder);
  const { config, weights, hasHead } = await readWeights(folder, told, options);
  return {
    config,
    weights,
    hasHead,
    tokenizer,
    tokenizerFiles,
    licence: await readLicence(folder),
    sha256: baseShard(config, weights).sha256,
  };
}

/**
 * The tokenizer alone.
 * @throws CptError CPT_BASE, CPT_TOKENIZER
 */
export async function readTokenizer(folder: string): Promise<Tokenizer> {
  return loadTokenizer(new TextDecoder().decode(await readRequired(folder, 'tokenizer.json')));
}

async function checkFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory()) return;
  throw new CptError('CPT_BASE', `There is no folder ${folder} with a base model.`, {
    hint: 'Give a folder with config.json, tokenizer.json and model.safetensors, or a hub id (org/name), with --base.',
  });
}

async function readConfig(folder: string): Promise<RobertaConfig> {
  const bytes = await readRequired(folder, 'config.json');
  try {
    return parseRobertaConfig(parseStrictJson(bytes));
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof JsonFault) {
      throw new CptError('CPT_BASE', `${join(folder, 'config.json')} is wrong: ${message}.`, {
        cause: error,
      });
    }
    if (!(error instanceof CptError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new CptError('CPT_BASE', `${folder}: ${message}`, { cause: error, ...hint });
  }
}

async function readTokenizerFiles(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of ['tokenizer.json', 'tokenizer_config.json']) {
    files[name] = new TextDecoder().decode(await readRequired(folder, name));
  }
  // newer libraries no longer write this one
  const map = await readOptional(folder, 'special_tokens_map.json');
  if (map !== null) files['special_tokens_map.json'] = new TextDecoder().decode(map);
  return files;
}

function checkFit(config: RobertaConfig, { vocabSize, special }: Tokenizer, folder: string): void {
  if (vocabSize > config.vocabSize) {
    throw new CptError(
      'CPT_TOKENIZER',
      `The tokenizer in ${folder} has ids up to ${vocabSize - 1}, the model ${config.vocabSize} embeddings.`,
      { hint: 'Take tokenizer.json and the weights from the same model.' },
    );
  }
  if (special.pad !== config.padId) {
    throw new CptError(
      'CPT_TOKENIZER',
      `The tokenizer in ${folder} pads with ${special.pad}, config.json with ${config.padId}.`,
      { hint: 'Take tokenizer.json and config.json from the same model.' },
    );
  }
}

async function readLicence(folder: string): Promise<string | null> {
  for (const name of LICENCES) {
    const bytes = await readOptional(folder, name);
    if (bytes !== null) return new TextDecoder().decode(bytes);
  }
  return null;
}
