/** A dense layer with the weight as PyTorch stores it. */
import * as tf from '@tensorflow/tfjs';
import { integerProduct } from '../kernels/int8.ts';
import { matMul } from '../kernels/products.ts';
import { isTracing, type TraceBackend } from '../trace.ts';
import { type Op, runOp } from './op.ts';

export const linearOp: Op = {
  name: 'CptLinear',
  inputs: ['x', 'weight', 'bias'],
  trace: (trace, { x, weight, bias }, { exact }) =>
    (exact === 1 ? null : integerProduct(trace, x!, weight!, true, bias!)) ??
    trace.emit('Gemm', [x!, weight!, bias!], [x!.shape[0]!, weight!.shape[0]!], 'float32', { transB: 1 }),
  compose: ({ x, weight, bias }) => tf.add(tf.matMul(x!, weight!, false, true), bias!),
  gradient: (dy, { x, weight }, { exact }) => ({
    x: () => towardsInput(dy, weight!, exact === 1),
    weight: () => tf.matMul(dy, x!, true, false),
    bias: () => tf.sum(dy, 0),
  }),
};

function towardsInput(dy: tf.Tensor, weight: tf.Tensor, exact: boolean): tf.Tensor {
  if (!exact || !isTracing()) return tf.matMul(dy, weight);
  const product = matMul(tf.backend() as TraceBackend, dy, weight, { exact });
  return tf.engine().makeTensorFromTensorInfo(product);
}

/**
 * x · weightᵀ + bias.
 * @param x [rows, in]
 * @param weight [out, in]
 * @param bias [out]
 * @param exact in single precision, the gradient too, whatever the program's precision is
 * @returns [rows, out]
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, exact = false): tf.Tensor {
  return runOp(linearOp, { x, weight, bias }, { exact: exact ? 1 : 0 });
}
