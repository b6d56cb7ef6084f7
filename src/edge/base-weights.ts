/** The weights of a base model, in one safetensors file or in shards. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeSafetensors,
  isRecord,
  parseStrictJson,
  type StoredTensor,
  toFloat32,
} from '../checkpoint/index.ts';
import { CptError } from '../errors.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { robertaShapes, WORD_EMBEDDINGS } from '../roberta/weights.ts';

export const WEIGHTS = 'model.safetensors';
export const INDEX = 'model.safetensors.index.json';

/** Other names under which a weight may stand: the decoder is tied to the embeddings, its bias to the head's. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  [WORD_EMBEDDINGS]: ['lm_head.decoder.weight'],
  'lm_head.bias': ['lm_head.decoder.bias'],
};

/**
 * Every weight by its Hugging Face name, see `robertaShapes`, from F32, F16, BF16 or F64. What the model does not use
 * (a pooler, position ids) is left where it is. F32 is not copied: the arrays share the memory of the file.
 * @throws CptError CPT_BASE, CPT_SAFETENSORS
 */
export async function readWeights(
  folder: string,
  config: RobertaConfig,
): Promise<Record<string, Float32Array>> {
  const weights: Record<string, Float32Array> = {};
  const wanted = new Map(Object.entries(robertaShapes(config)));
  for (const file of await weightFiles(folder)) {
    const { tensors } = decodeSafetensorsOf(await readRequired(folder, file), join(folder, file));
    for (const [name, shape] of wanted) {
      const found = [name, ...(ALIASES[name] ?? [])].find((alias) => Object.hasOwn(tensors, alias));
      if (found === undefined) continue;
      weights[name] = readTensor(tensors[found]!, shape, `${found} in ${join(folder, file)}`);
      wanted.delete(name);
    }
  }
  const [missing] = wanted.keys();
  if (missing === undefined) return weights;
  const head = missing.startsWith('lm_head.');
  throw new CptError('CPT_BASE', `The tensor ${missing} is missing in ${folder}.`, {
    hint: head
      ? 'The masked-LM head is needed: use a RobertaForMaskedLM, not the bare encoder.'
      : 'The weights do not belong to config.json; fetch the model again.',
  });
}

/** The one file, or the shards that the index lists; nothing outside of the folder. */
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

function decodeSafetensorsOf(bytes: Uint8Array, path: string): ReturnType<typeof decodeSafetensors> {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    if (!(error instanceof CptError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new CptError(error.code, `${path}: ${error.message}`, { cause: error, ...hint });
  }
}

function readTensor(tensor: StoredTensor, shape: readonly number[], where: string): Float32Array {
  if (tensor.shape.join() !== shape.join()) {
    throw new CptError('CPT_BASE', `The tensor ${where} has shape [${tensor.shape}], not [${shape}].`, {
      hint: 'The weights do not belong to config.json; fetch the model again.',
    });
  }
  if (!['F32', 'F16', 'BF16', 'F64'].includes(tensor.dtype)) {
    throw new CptError('CPT_BASE', `The tensor ${where} has type ${tensor.dtype}.`, {
      hint: 'Supported: F32, F16, BF16, F64.',
    });
  }
  return toFloat32(tensor);
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
