/**
 * RoBERTa (Liu et al. 2019, arXiv 1907.11692) as one function in tfjs ops, which BERT and DistilBERT are too but for
 * their embeddings. It leaves one hole, `plug`, after each sublayer and before Add & LayerNorm.
 */
import * as tf from '@tensorflow/tfjs';
import { attention, gelu, layerNorm, linear, type Tensors } from '../engine/index.ts';
import type { RobertaConfig } from './config.ts';
import { FAMILIES } from './families/index.ts';
import {
  decoderName,
  layerPrefix,
  POSITION_EMBEDDINGS,
  TYPE_EMBEDDINGS,
  WORD_EMBEDDINGS,
} from './weights.ts';

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

/** Word, position and, where the family has them, type embeddings, summed: [batch·length, hidden]. */
function embed(config: RobertaConfig, weights: Tensors, ids: tf.Tensor, mask: tf.Tensor): tf.Tensor {
  const rows = ids.shape[0]! * ids.shape[1]!;
  const places = positions(config, mask);
  const summands = [
    tf.gather(weights[WORD_EMBEDDINGS]!, tf.reshape(ids, [rows])),
    tf.gather(weights[POSITION_EMBEDDINGS]!, tf.cast(tf.reshape(places, [rows]), 'int32')),
  ];
  // texts are all of type 0
  if (config.typeVocab > 0) summands.push(tf.slice(weights[TYPE_EMBEDDINGS]!, [0, 0], [1, config.hidden]));
  return summands.reduce((sum, x) => tf.add(sum, x));
}

/** The row of the position table for each token: [batch, length] float. */
function positions({ family, padId }: RobertaConfig, mask: tf.Tensor): tf.Tensor {
  if (FAMILIES[family].positions === 'from-zero') return tf.sub(tf.cumsum(tf.onesLike(mask), 1), 1);
  // they count the tokens that are not padding and start after the padding's own row
  return tf.add(tf.mul(tf.cumsum(mask, 1), mask), padId);
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
  return linear(normal, weights[decoderName(config)]!, weights['lm_head.bias']!, true);
}
