/** The sum of the squares of all values, in one pass over them. */
import * as tf from '@tensorflow/tfjs';
import { type Op, runOp } from './op.ts';

export const sumOfSquaresOp: Op = {
  name: 'CptSumOfSquares',
  inputs: ['x'],
  trace: (trace, { x }) => trace.emit('ReduceSumSquare', [x!], [], 'float32', { keepdims: 0 }),
  compose: ({ x }) => tf.sum(tf.square(x!)),
  gradient: (dy, { x }) => ({ x: () => tf.mul(tf.mul(dy, 2), x!) }),
};

/** A scalar. */
export function sumOfSquares(x: tf.Tensor): tf.Tensor {
  return runOp(sumOfSquaresOp, { x });
}
