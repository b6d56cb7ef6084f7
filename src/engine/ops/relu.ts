/**
 * max(x, 0). Its gradient looks at the result, not at the input, so that the runtime can fold it into the product
 * before it.
 */
import * as tf from '@tensorflow/tfjs';
import { type Op, runOp } from './op.ts';

export const reluOp: Op = {
  name: 'CptRelu',
  inputs: ['x'],
  compose: ({ x }) => tf.relu(x!),
  gradient: (dy, { x }) => ({ x: () => tf.mul(dy, tf.sign(tf.relu(x!))) }),
};

export function relu(x: tf.Tensor): tf.Tensor {
  return runOp(reluOp, { x });
}
