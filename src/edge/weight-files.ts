/** The tensors of a model folder by name, from one safetensors file or from shards. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeSafetensors, isRecord, parseStrictJson, type StoredTensor } from '../checkpoint/index.ts';
import { CptError } from '../errors.ts';

export const WEIGHTS = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';

export interface FoundTensor extends StoredTensor {
  /** Its name and the path of its file, for messages. */
  readonly where: string;
}

/**
 * What is in the files, and nothing outside of the folder. The tensors share the memory of the files.
 * @throws CptError CPT_BASE, CPT_SAFETENSORS
 */
export async function readTensors(folder: string): Promise<ReadonlyMap<string, FoundTensor>> {
  const found = new Map<string, FoundTensor>();
  for (const file of await weightFiles(folder)) {
    const path = join(folder, file);
    const { tensors } = decode(await readRequired(folder, file), path);
    for (const [name, tensor] of Object.entries(tensors)) {
      if (!found.has(name)) found.set(name, { ...tensor, where: `${name} in ${path}` });
    }
  }
  return found;
}

/** The one file, or the shards that the index lists. */
async function weightFiles(folder: string): Promise<string[]> {
  const index = await readOptional(folder, INDEX);
  if (index === null) {
    if ((await stat(join(folder, WEIGHTS)).catch(() => null)) !== null) return [WEIGHTS];
    throw new CptError('CPT_BASE', `${folder} has no ${WEIGHTS}.`, {
      hint: 'Weights of other formats (pytorch_model.bin) have to be saved as safetensors first.',
    });
  }
  return shardNames(index, join(folder, INDEX));
}

/** @throws CptError CPT_BASE where the index names no files, or others than such that stand beside it */
export function shardNames(index: Uint8Array, where: string): string[] {
  let json: unknown;
  try {
    json = parseStrictJson(index);
  } catch {
    json = null;
  }
  const map = isRecord(json) ? json.weight_map : undefined;
  const files = isRecord(map) ? [...new Set(Object.values(map))] : [];
  const plain = files.every((file) => typeof file === 'string' && /^[\w-][\w.-]*\.safetensors$/.test(file));
  if (files.length === 0 || !plain) {
    throw new CptError('CPT_BASE', `${where} does not map tensors to files beside it.`, {
      hint: 'The index is damaged; take the model from another place.',
    });
  }
  return (files as string[]).sort();
}

function decode(bytes: Uint8Array, path: string): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof CptError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new CptError(error.code, `${path}: ${error.message}`, { cause: error, ...hint });
  }
}

export async function readRequired(folder: string, name: string): Promise<Uint8Array> {
  const bytes = await readOptional(folder, name);
  if (bytes !== null) return bytes;
  throw new CptError('CPT_BASE', `${folder} has no ${name}.`, {
    hint: 'Give a folder with config.json, tokenizer.json, tokenizer_config.json and model.safetensors.',
  });
}

export async function readOptional(folder: string, name: string): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    const message = `${join(folder, name)} cannot be read (${(error as NodeJS.ErrnoException).code}).`;
    throw new CptError('CPT_BASE', message, { cause: error });
  }
}
