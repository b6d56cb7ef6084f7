/** The weights of a base model, from its family's names to ours. */
import { toFloat32 } from '../checkpoint/index.ts';
import { CptError } from '../errors.ts';
import { makeRng } from '../rng.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { FAMILIES, possibleNames, publishedName } from '../roberta/families/index.ts';
import { DECODER, initialWeights, isHead, robertaShapes, WORD_EMBEDDINGS } from '../roberta/weights.ts';
import { hasHead, headless } from './base-head.ts';
import { type FoundTensor, readTensors } from './weight-files.ts';

export interface HeadOptions {
  /** Whether a base without a masked-LM head is refused, or gets a fresh, tied one. Default `required`. */
  readonly head?: 'required' | 'optional';
  /** Of the fresh head. */
  readonly seed?: string;
  /** What a person calls the base; the folder by default. */
  readonly name?: string;
}

export interface ReadWeights {
  /** `tied` is what the files say, whatever config.json does. */
  readonly config: RobertaConfig;
  /** By name, see `robertaShapes`. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** False where the head is a fresh one. */
  readonly hasHead: boolean;
}

/**
 * Every weight, from F32, F16, BF16 or F64. What the model does not use (a pooler, position ids, another head) is left
 * where it is. F32 is not copied: the arrays share the memory of the file.
 * @throws CptError CPT_BASE, CPT_SAFETENSORS
 */
export async function readWeights(
  folder: string,
  told: RobertaConfig,
  { head = 'required', seed = 'head', name = folder }: HeadOptions = {},
): Promise<ReadWeights> {
  const files = await readTensors(folder);
  const family = FAMILIES[told.family];
  const find = (weight: string): FoundTensor | undefined => {
    const found = possibleNames(family, weight).find((possible) => files.has(possible));
    return found === undefined ? undefined : files.get(found);
  };
  const missing = (weight: string) =>
    new CptError('CPT_BASE', `The tensor ${publishedName(family, weight)} is missing in ${folder}.`, {
      hint: 'The weights do not belong to config.json, or are not all there; fetch the model again.',
    });

  const whole = hasHead(told, (called) => files.has(called));
  if (!whole && head === 'required' && find(WORD_EMBEDDINGS) !== undefined) throw headless(name);
  const config = { ...told, tied: !whole || isTied(told, find) };
  const weights: Record<string, Float32Array> = {};
  for (const [weight, shape] of Object.entries(robertaShapes(config))) {
    if (!whole && isHead(weight)) continue;
    // a tied decoder may stand in for the embeddings
    const tensor = find(weight) ?? (config.tied && weight === WORD_EMBEDDINGS ? find(DECODER) : undefined);
    if (tensor === undefined) throw missing(weight);
    weights[weight] = readTensor(tensor, shape);
  }
  const fresh = whole ? {} : initialWeights(config, makeRng(seed), isHead);
  return { config, weights: { ...weights, ...fresh }, hasHead: whole };
}

/** Two different matrices are not tied even where config.json says so: that is how transformers 5 reads it. */
function isTied(config: RobertaConfig, find: (weight: string) => FoundTensor | undefined): boolean {
  if (!config.tied) return false;
  const [words, decoder] = [find(WORD_EMBEDDINGS), find(DECODER)];
  if (words === undefined || decoder === undefined) return true;
  return words.dtype === decoder.dtype && Buffer.compare(words.data, decoder.data) === 0;
}

function readTensor(tensor: FoundTensor, shape: readonly number[]): Float32Array {
  const { where } = tensor;
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
