/** The tensors of a model folder by name, from one safetensors file or from shards. */
import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  headerEnd,
  isRecord,
  parseHeader,
  parseStrictJson,
  type StoredTensor,
} from '../checkpoint/index.ts';
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
    const bytes = await readRequired(folder, file);
    const { tensors } = located(path, () => decodeSafetensors(bytes));
    for (const [name, tensor] of Object.entries(tensors)) {
      if (!found.has(name)) found.set(name, { ...tensor, where: `${name} in ${path}` });
    }
  }
  return found;
}

/**
 * The names of what is in the files: their headers are read and nothing else.
 * @throws CptError CPT_BASE, CPT_SAFETENSORS
 */
export async function tensorNames(folder: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for (const file of await weightFiles(folder)) {
    for (const name of await namesIn(folder, file)) names.add(name);
  }
  return names;
}

async function namesIn(folder: string, name: string): Promise<string[]> {
  const path = join(folder, name);
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? missing(folder, name) : unreadable(path, error);
  });
  try {
    const { size } = await file.stat();
    const first = new Uint8Array(Math.min(8, size));
    await file.read(first, 0, first.length, 0);
    const head = new Uint8Array(located(path, () => headerEnd(first, size)));
    await file.read(head, 0, head.length, 0);
    return located(path, () => parseHeader(head, size)).entries.map((entry) => entry.name);
  } catch (error) {
    throw error instanceof CptError ? error : unreadable(path, error as NodeJS.ErrnoException);
  } finally {
    await file.close();
  }
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

/** What is wrong inside of a file is told with its path. */
function located<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof CptError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new CptError(error.code, `${path}: ${error.message}`, { cause: error, ...hint });
  }
}

export async function readRequired(folder: string, name: string): Promise<Uint8Array> {
  const bytes = await readOptional(folder, name);
  if (bytes === null) throw missing(folder, name);
  return bytes;
}

export async function readOptional(folder: string, name: string): Promise<Uint8Array | null> {
  try {
    return await readFile(join(folder, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw unreadable(join(folder, name), error as NodeJS.ErrnoException);
  }
}

function missing(folder: string, name: string): CptError {
  return new CptError('CPT_BASE', `${folder} has no ${name}.`, {
    hint: 'Give a folder with config.json, tokenizer.json, tokenizer_config.json and model.safetensors.',
  });
}

function unreadable(path: string, error: NodeJS.ErrnoException): CptError {
  return new CptError('CPT_BASE', `${path} cannot be read (${error.code}).`, { cause: error });
}
