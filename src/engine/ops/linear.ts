/** A dense layer with the weight as PyTorch stores it. */
import * as tf from '@tensorflow/tfjs';
import { integerProduct } from '../kernels/int8.ts';
import { type Op, runOp } from './op.ts';

export const linearOp: Op = {
  name: 'CptLinear',
  inputs: ['x', 'weight', 'bias'],
  trace: (trace, { x, weight, bias }) =>
    integerProduct(trace, x!, weight!, true, bias!) ??
    trace.emit('Gemm', [x!, weight!, bias!], [x!.shape[0]!, weight!.shape[0]!], 'float32', { transB: 1 }),
  compose: ({ x, weight, bias }) => tf.add(tf.matMul(x!, weight!, false, true), bias!),
  gradient: (dy, { x, weight }) => ({
    x: () => tf.matMul(dy, weight!),
    weight: () => tf.matMul(dy, x!, true, false),
    bias: () => tf.sum(dy, 0),
  }),
};

/**
 * x · weightᵀ + bias.
 * @param x [rows, in]
 * @param weight [out, in]
 * @param bias [out]
 * @returns [rows, out]
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return runOp(linearOp, { x, weight, bias });
}
