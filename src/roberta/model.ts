/**
 * RoBERTa (Liu et al. 2019, arXiv 1907.11692) as one function in tfjs ops. It leaves one hole, `plug`, after
 * each sublayer and before Add & LayerNorm.
 */
import * as tf from '@tensorflow/tfjs';
import { attention, gelu, layerNorm, linear, type Tensors } from '../engine/index.ts';
import type { RobertaConfig } from './config.ts';
import { layerPrefix, WORD_EMBEDDINGS } from './weights.ts';

export type Site = 'attention' | 'ffn';
export const SITES: readonly Site[] = ['attention', 'ffn'];

/**
 * What fills the hole.
 * @param input [batch·length, hidden] what went into the sublayer
 * @param output [batch·length, hidden] what came out of it
 * @returns [batch·length, hidden] what is added to the residual
 */
export type Plug = (layer: number, site: Site, input: tf.Tensor, output: tf.Tensor) => tf.Tensor;

export const noPlug: Plug = (_layer, _site, _input, output) => output;

/** Large enough to hide a key from the softmax, small enough to stay finite when added. */
const HIDDEN_SCORE = -1e9;

/**
 * @param ids [batch, length] int32
 * @param mask [batch, length] float, 1 for a token and 0 for padding
 * @param rows [rows] int32, which of the batch·length results are wanted, all by default. No token looks at
 * another one's result of the last attention, so from there on the others are not computed.
 * @returns [batch·length or rows, hidden]
 */
export function encode(
  config: RobertaConfig,
  weights: Tensors,
  ids: tf.Tensor,
  mask: tf.Tensor,
  plug: Plug,
  rows?: tf.Tensor,
): tf.Tensor {
  const [batch, length] = ids.shape as [number, number];
  const bias = tf.reshape(tf.mul(tf.sub(1, mask), HIDDEN_SCORE), [batch, 1, 1, length]);
  const norm = (x: tf.Tensor, name: string) =>
    layerNorm(x, weights[`${name}.weight`]!, weights[`${name}.bias`]!, config.layerNormEpsilon);
  const dense = (x: tf.Tensor, name: string) =>
    linear(x, weights[`${name}.weight`]!, weights[`${name}.bias`]!);

  let x = norm(embed(config, weights, ids, mask), 'roberta.embeddings.LayerNorm'); // [batch·length, hidden]
  for (let layer = 0; layer < config.layers; layer++) {
    const at = layerPrefix(layer);
    const [q, k, v] = ['query', 'key', 'value'].map((part) => dense(x, `${at}.attention.self.${part}`));
    const mixed = attention(q!, k!, v!, bias, config.heads);
    const narrow = (all: tf.Tensor) =>
      rows === undefined || layer < config.layers - 1 ? all : tf.gather(all, rows as tf.Tensor1D);
    x = narrow(x);
    const attended = dense(narrow(mixed), `${at}.attention.output.dense`);
    x = norm(tf.add(x, plug(layer, 'attention', x, attended)), `${at}.attention.output.LayerNorm`);
    const wide = gelu(dense(x, `${at}.intermediate.dense`)); // [batch·length, intermediate]
    const fed = dense(wide, `${at}.output.dense`);
    x = norm(tf.add(x, plug(layer, 'ffn', x, fed)), `${at}.output.LayerNorm`);
  }
  return x;
}

/** Word, position and type embeddings, summed: [batch·length, hidden]. */
function embed(config: RobertaConfig, weights: Tensors, ids: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const rows = ids.shape[0]! * ids.shape[1]!;
  // positions count the tokens that are not padding and start after the padding's own row
  const positions = tf.add(tf.mul(tf.cumsum(mask, 1), mask), config.padId);
  const words = tf.gather(weights[WORD_EMBEDDINGS]!, tf.reshape(ids, [rows]));
  const places = tf.gather(
    weights['roberta.embeddings.position_embeddings.weight']!,
    tf.cast(tf.reshape(positions, [rows]), 'int32'),
  );
  const type = tf.slice(
    weights['roberta.embeddings.token_type_embeddings.weight']!,
    [0, 0],
    [1, config.hidden],
  );
  return tf.add(tf.add(words, places), type);
}

/**
 * The masked-LM head: logits over the vocabulary.
 * @param x [rows, hidden]
 * @returns [rows, vocabulary]
 */
export function vocabularyLogits(config: RobertaConfig, weights: Tensors, x: tf.Tensor): tf.Tensor {
  const dense = gelu(linear(x, weights['lm_head.dense.weight']!, weights['lm_head.dense.bias']!));
  const scale = weights['lm_head.layer_norm.weight']!;
  const shift = weights['lm_head.layer_norm.bias']!;
  const normal = layerNorm(dense, scale, shift, config.layerNormEpsilon);
  // Exact: a loss's gradient with respect to logits is one large value among thousands of tiny ones that count together.
  return linear(normal, weights[WORD_EMBEDDINGS]!, weights['lm_head.bias']!, true);
}
