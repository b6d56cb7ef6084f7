/** A sentence encoder through transformers.js: a text in, the mean of its tokens' last hidden states out. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FeatureExtractionPipeline, Tensor } from '@xenova/transformers';
import { CptError } from '../../errors.ts';

export interface Encoder {
  readonly dimensions: number;
  encode(texts: readonly string[]): Promise<Float32Array[]>;
  dispose(): Promise<void>;
}

/** Of a text that are looked at: enough to tell what it is about, and cost grows with them. */
const MOST_TOKENS = 64;
const MOST_CHARACTERS = 1024;
const BATCH = 16;
/** Threads that wait do not spin: the trainer has use for the cores. */
const SESSION = { logSeverityLevel: 3, extra: { session: { intra_op: { allow_spinning: '0' } } } } as const;
const TEXTS = ['config.json', 'tokenizer.json', 'tokenizer_config.json'];
/** Where the weights are, the first that is there is taken. */
const WEIGHTS = [
  ['onnx/model.onnx', 'fp32'],
  ['onnx/model_quantized.onnx', 'q8'],
] as const;

/**
 * @param folder as on a hub: config.json, the tokenizer's files, the weights as ONNX with an output last_hidden_state
 * @throws CptError CPT_ENCODER
 */
export async function openEncoder(folder: string): Promise<Encoder> {
  const [weights, ...beside] = encoderFiles(folder, inFolder(folder));
  const dtype = WEIGHTS.find(([file]) => file === weights)![1];
  try {
    const { pipeline } = await import('@xenova/transformers');
    const { tokenizer, model } = (await pipeline('feature-extraction', resolve(folder), {
      dtype,
      device: 'cpu',
      local_files_only: true,
      use_external_data_format: beside.includes(dataOf(weights)),
      session_options: SESSION,
    })) as FeatureExtractionPipeline;
    const batch = async (texts: string[]): Promise<Float32Array[]> => {
      const limits = { padding: true, truncation: true, max_length: MOST_TOKENS };
      const inputs = tokenizer(texts, limits) as { attention_mask: Tensor };
      const { last_hidden_state: hidden } = (await model(inputs)) as { last_hidden_state?: Tensor };
      if (hidden === undefined) throw refusedEncoder(folder, 'its model has no output last_hidden_state');
      return means(hidden, inputs.attention_mask);
    };
    const [probe] = await batch(['a']);
    return {
      dimensions: probe!.length,
      encode: (texts) => inBatches(texts, batch),
      async dispose() {
        await model.dispose();
      },
    };
  } catch (error) {
    throw error instanceof CptError ? error : refusedEncoder(folder, (error as Error).message, error);
  }
}

/**
 * The files of an encoder: its weights, then what else is needed.
 * @param name of the encoder, for the message
 * @throws CptError CPT_ENCODER where one is not there
 */
export function encoderFiles(name: string, here: (file: string) => boolean): [string, ...string[]] {
  const lacking = TEXTS.find((file) => !here(file));
  if (lacking !== undefined) throw refusedEncoder(name, `it has no ${lacking}`);
  const weights = WEIGHTS.map(([file]) => file).find(here);
  if (weights === undefined) throw refusedEncoder(name, `it has no ${WEIGHTS[0][0]}`);
  return [weights, ...[dataOf(weights)].filter(here), ...TEXTS];
}

export const inFolder = (folder: string) => (file: string) => existsSync(join(folder, file));

/** Where a large model keeps its numbers. */
function dataOf(weights: string): string {
  return `${weights}_data`;
}

export function refusedEncoder(folder: string, why: string, cause?: unknown): CptError {
  return new CptError('CPT_ENCODER', `The encoder ${folder} cannot be used: ${why}.`, {
    hint: 'Give a folder with config.json, the files of the tokenizer and onnx/model.onnx with --encoder.',
    cause,
  });
}

/** Texts of like length together, so that little of a batch is padding. */
async function inBatches(
  texts: readonly string[],
  batch: (texts: string[]) => Promise<Float32Array[]>,
): Promise<Float32Array[]> {
  const cut = texts.map((text) => text.slice(0, MOST_CHARACTERS));
  const order = cut.map((_, at) => at).sort((a, b) => cut[a]!.length - cut[b]!.length);
  const vectors = new Array<Float32Array>(texts.length);
  for (let from = 0; from < order.length; from += BATCH) {
    const some = order.slice(from, from + BATCH);
    const encoded = await batch(some.map((at) => cut[at]!));
    for (const [k, at] of some.entries()) vectors[at] = encoded[k]!;
  }
  return vectors;
}

/**
 * @param hidden [texts, tokens, width]
 * @param mask [texts, tokens], 1 where a token is, 0 where padding
 */
function means(hidden: Tensor, mask: Tensor): Float32Array[] {
  const [texts, tokens, width] = hidden.dims as [number, number, number];
  const states = hidden.data as Float32Array;
  const kept = mask.data as BigInt64Array;
  return Array.from({ length: texts }, (_, text) => {
    const sum = new Float32Array(width);
    let count = 0;
    for (let token = text * tokens; token < (text + 1) * tokens; token++) {
      if (kept[token] === 0n) continue;
      count++;
      for (let k = 0; k < width; k++) sum[k]! += states[token * width + k]!;
    }
    return sum.map((value) => value / Math.max(1, count));
  });
}
