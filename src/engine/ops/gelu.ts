/** Gaussian error linear unit, exact form (Hendrycks & Gimpel 2016, arXiv 1606.08415): x · Φ(x). */
import * as tf from '@tensorflow/tfjs';
import { type Op, runOp } from './op.ts';

export const geluOp: Op = {
  name: 'CptGelu',
  inputs: ['x'],
  compose: ({ x }) => tf.mul(x!, cumulative(x!)),
  gradient: (dy, { x }) => ({
    x: () => {
      const density = tf.mul(tf.exp(tf.mul(tf.square(x!), -0.5)), 1 / Math.sqrt(2 * Math.PI));
      return tf.mul(dy, tf.add(cumulative(x!), tf.mul(x!, density)));
    },
  }),
};

/** Φ(x) */
function cumulative(x: tf.Tensor): tf.Tensor {
  return tf.add(tf.mul(tf.erf(tf.mul(x, Math.SQRT1_2)), 0.5), 0.5);
}

export function gelu(x: tf.Tensor): tf.Tensor {
  return runOp(geluOp, { x });
}
