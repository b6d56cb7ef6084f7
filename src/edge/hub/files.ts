/** Which files of a model a base needs. Nothing else is fetched: repositories also hold weights of other formats. */
import { CptError } from '../../errors.ts';
import { INDEX, shardNames, WEIGHTS } from '../weight-files.ts';
import type { ListedFile } from './api.ts';
import { type HubId, hubIdText } from './id.ts';

export const NEEDED = ['config.json', 'tokenizer.json'];
const BESIDE = ['tokenizer_config.json', 'special_tokens_map.json'];
const LICENCES = /^LICEN[CS]E(\.txt|\.md)?$/;
/** What is read into memory as a whole before it is known to be good. */
const MOST_TEXT_BYTES = 200e6;

/**
 * The small files of a base, and the index of its weights where they are in shards.
 * @throws CptError CPT_BASE where it cannot be a base
 */
export function textFiles(listed: readonly ListedFile[], id: HubId): ListedFile[] {
  const names = new Set(listed.map(({ path }) => path));
  for (const name of NEEDED) {
    if (!names.has(name)) {
      throw new CptError('CPT_BASE', `${hubIdText(id)} has no ${name}.`, {
        hint: 'Take a model for the transformers library with a fast tokenizer.',
      });
    }
  }
  if (!names.has(WEIGHTS) && !names.has(INDEX)) {
    const other = [...names].find((name) => /\.(bin|h5|msgpack|ot|onnx|gguf)$/.test(name));
    throw new CptError('CPT_BASE', `${hubIdText(id)} has no safetensors${other ? `, only ${other}` : ''}.`, {
      hint: 'Take a revision that has them, or load it in Python, save_pretrained it and give that folder with --base.',
    });
  }
  const texts = listed.filter(({ path }) => isTextFile(path));
  const huge = texts.find(({ size }) => size > MOST_TEXT_BYTES);
  if (huge === undefined) return texts;
  throw new CptError('CPT_BASE', `${huge.path} of ${hubIdText(id)} is ${huge.size} bytes long.`, {
    hint: 'No base model has such a file; take another.',
  });
}

/** Whether it is one of the small files of a base. */
export function isTextFile(name: string): boolean {
  return [...NEEDED, ...BESIDE, INDEX].includes(name) || LICENCES.test(name);
}

/**
 * The weights: one file, or the shards that the index names, which must stand beside it.
 * @param index content of the index, null where there is none
 * @throws CptError CPT_BASE
 */
export function weightFiles(
  listed: readonly ListedFile[],
  index: Uint8Array | null,
  id: HubId,
): ListedFile[] {
  const names = index === null ? [WEIGHTS] : shardNames(index, `${INDEX} of ${hubIdText(id)}`);
  return names.map((name) => {
    const file = listed.find(({ path }) => path === name);
    if (file !== undefined) return file;
    throw new CptError('CPT_BASE', `${hubIdText(id)} lacks the shard ${name} that its index names.`, {
      hint: 'Take another revision, or tell its owner.',
    });
  });
}
