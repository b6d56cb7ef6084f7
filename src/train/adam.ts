/** Adam with decoupled weight decay (Kingma & Ba 2015, arXiv 1412.6980; Loshchilov & Hutter 2019, 1711.05101). */
import * as tf from '@tensorflow/tfjs';
import { sumOfSquares } from '../engine/index.ts';

export const BETA1 = 0.9;
export const BETA2 = 0.999;
export const EPSILON = 1e-8;

/** Bias corrections 1/(1 - β^t) of step t, counted from 1; they enter the compiled step as feeds. */
export function corrections(step: number): { correction1: number; correction2: number } {
  return { correction1: 1 / (1 - BETA1 ** step), correction2: 1 / (1 - BETA2 ** step) };
}

export interface AdamScalars {
  readonly learningRate: tf.Tensor;
  readonly correction1: tf.Tensor;
  readonly correction2: tf.Tensor;
}

export interface Moments {
  readonly value: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

export interface Update {
  /** What is to be subtracted from the value. */
  readonly change: tf.Tensor;
  readonly first: tf.Tensor;
  readonly second: tf.Tensor;
}

/**
 * One update of one parameter; all tensors have its shape, and every scalar factor is gathered before it meets one:
 * the textbook's rate · (c1 · first) / (sqrt(c2 · second) + ε) is (rate · c1 / sqrt(c2)) · first / (sqrt(second) +
 * ε / sqrt(c2)).
 * @param factor scales the gradient (clipping)
 */
export function adam(
  old: Moments,
  gradient: tf.Tensor,
  factor: tf.Tensor,
  { learningRate, correction1, correction2 }: AdamScalars,
  decay: number,
): Update {
  const scaled = tf.mul(gradient, tf.mul(factor, 1 - BETA1)); // (1 - β1) · g
  const first = tf.add(tf.mul(old.first, BETA1), scaled);
  const squared = tf.mul(tf.square(scaled), (1 - BETA2) / (1 - BETA1) ** 2); // (1 - β2) · g²
  const second = tf.add(tf.mul(old.second, BETA2), squared);
  const root = tf.sqrt(correction2);
  const direction = tf.div(first, tf.add(tf.sqrt(second), tf.div(EPSILON, root)));
  const change = tf.mul(direction, tf.div(tf.mul(learningRate, correction1), root));
  return {
    change: decay === 0 ? change : tf.add(change, tf.mul(old.value, tf.mul(learningRate, decay))),
    first,
    second,
  };
}

/** The factor that brings the norm over all gradients down to `limit`, and the norm before. */
export function clipFactor(
  gradients: readonly tf.Tensor[],
  limit: number,
): { factor: tf.Tensor; norm: tf.Tensor } {
  const norm = tf.sqrt(tf.addN(gradients.map(sumOfSquares)));
  return { factor: tf.div(limit, tf.maximum(norm, limit)), norm };
}
