/** Adam with decoupled weight decay (Kingma & Ba 2015, arXiv 1412.6980; Loshchilov & Hutter 2019, 1711.05101). */
import * as tf from '@tensorflow/tfjs';

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

/** One update of one parameter; all tensors have its shape. */
export function adam(old: Moments, gradient: tf.Tensor, scalars: AdamScalars, decay: number): Update {
  const first = tf.add(tf.mul(old.first, BETA1), tf.mul(gradient, 1 - BETA1));
  const second = tf.add(tf.mul(old.second, BETA2), tf.mul(tf.square(gradient), 1 - BETA2));
  const direction = tf.div(
    tf.mul(first, scalars.correction1),
    tf.add(tf.sqrt(tf.mul(second, scalars.correction2)), EPSILON),
  );
  const pulled = decay === 0 ? direction : tf.add(direction, tf.mul(old.value, decay));
  return { change: tf.mul(pulled, scalars.learningRate), first, second };
}

/** The factor that brings the norm over all gradients down to `limit`, and the norm before. */
export function clipFactor(
  gradients: readonly tf.Tensor[],
  limit: number,
): { factor: tf.Tensor; norm: tf.Tensor } {
  const squares = gradients.map((gradient) => tf.sum(tf.square(gradient)));
  const norm = tf.sqrt(tf.addN(squares));
  return { factor: tf.div(limit, tf.maximum(norm, limit)), norm };
}
