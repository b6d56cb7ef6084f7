/** Masked-language-model loss at the masked positions only (Devlin et al. 2019, arXiv 1810.04805). */
import * as tf from '@tensorflow/tfjs';
import { crossEntropy, type FeedSpec, type Tensors } from '../engine/index.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { encode, type Plug, vocabularyLogits } from '../roberta/model.ts';
import { maskPositions } from '../text/mask.ts';

export interface BatchShape {
  readonly batch: number;
  readonly length: number;
  /** Masked positions in a batch; a fixed count keeps the graph's shapes fixed. */
  readonly positions: number;
}

export const MASK_RATE = 0.15;

export function batchShape(batch: number, length: number, rate = MASK_RATE): BatchShape {
  return { batch, length, positions: maskPositions(batch * length, rate) };
}

/** The feeds of one batch; see `MlmBatch` in text/mask.ts. */
export function mlmSpecs({ batch, length, positions }: BatchShape): Record<string, FeedSpec> {
  return {
    ids: { shape: [batch, length], dtype: 'int32' },
    attention: { shape: [batch, length], dtype: 'float32' },
    positions: { shape: [positions], dtype: 'int32' },
    labels: { shape: [positions], dtype: 'int32' },
    weights: { shape: [positions], dtype: 'float32' },
  };
}

/**
 * Mean cross-entropy over the masked tokens, in nats; a scalar. Where `feeds` has the scalar `maskedTokens`, it is
 * the sum over this part of a batch divided by that count, the whole batch's.
 * @param weights the base's weights by name
 */
export function mlmLoss(config: RobertaConfig, weights: Tensors, feeds: Tensors, plug: Plug): tf.Scalar {
  const masked = encode(config, weights, feeds.ids!, feeds.attention!, plug, feeds.positions!); // [positions, hidden]
  const losses = crossEntropy(vocabularyLogits(config, weights, masked), feeds.labels!);
  const total = tf.sum(tf.mul(losses, feeds.weights!));
  return tf.div(total, feeds.maskedTokens ?? tf.maximum(tf.sum(feeds.weights!), 1));
}
