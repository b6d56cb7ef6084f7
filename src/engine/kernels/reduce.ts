/** Kernels that reduce axes, and the softmaxes built on them. */
import type * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';
import { cast, type Kernel, type KernelTable } from './kernel.ts';

function axesOf(axis: unknown, rank: number): number[] {
  const axes =
    typeof axis === 'number'
      ? [axis]
      : Array.isArray(axis)
        ? axis
        : Array.from({ length: rank }, (_, at) => at);
  return axes.map((at: number) => (at < 0 ? at + rank : at));
}

function reduced(x: tf.TensorInfo, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return x.shape.map((size, at) => (axes.includes(at) ? 1 : size));
  return x.shape.filter((_, at) => !axes.includes(at));
}

function reduce(
  trace: TraceBackend,
  op: string,
  x: tf.TensorInfo,
  axis: unknown,
  keepDims: boolean,
): tf.TensorInfo {
  const axes = axesOf(axis, x.shape.length);
  const inputs = [x, trace.graph.int64(axes)];
  return trace.emit(op, inputs, reduced(x, axes, keepDims), x.dtype, { keepdims: keepDims ? 1 : 0 });
}

const reduction =
  (op: string): Kernel =>
  (trace, { x }, attributes) => {
    const numeric = x!.dtype === 'bool' ? cast(trace, x!, 'int32') : x!;
    return reduce(trace, op, numeric, attributes.axis, attributes.keepDims === true);
  };

/** All and Any, as minimum and maximum of 0 and 1. */
const logical =
  (op: string): Kernel =>
  (trace, { x }, attributes) =>
    cast(
      trace,
      reduce(trace, op, cast(trace, x!, 'int32'), attributes.axis, attributes.keepDims === true),
      'bool',
    );

const arg =
  (op: string): Kernel =>
  (trace, { x }, attributes) => {
    const axis = attributes.axis as number;
    const [name] = trace.graph.node(op, [trace.name(x!)], { axis, keepdims: 0 });
    const shape = x!.shape.filter((_, at) => at !== (axis < 0 ? axis + x!.shape.length : axis));
    return trace.emit('Cast', [name!], shape, 'int32', { to: 6 });
  };

const softmax =
  (op: string, input: string): Kernel =>
  (trace, inputs, attributes) => {
    const x = cast(trace, inputs[input]!, 'float32');
    const axis = (attributes.dim ?? attributes.axis ?? -1) as number;
    return trace.emit(op, [x], x.shape, 'float32', { axis });
  };

export const reductions: KernelTable = {
  Sum: reduction('ReduceSum'),
  Mean: reduction('ReduceMean'),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  Prod: reduction('ReduceProd'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: softmax('Softmax', 'logits'),
  LogSoftmax: softmax('LogSoftmax', 'logits'),
  Cumsum: (trace, { x }, attributes) => {
    const flags = {
      exclusive: attributes.exclusive === true ? 1 : 0,
      reverse: attributes.reverse === true ? 1 : 0,
    };
    return trace.emit(
      'CumSum',
      [x!, trace.graph.int64([attributes.axis as number], [])],
      x!.shape,
      x!.dtype,
      flags,
    );
  },
};
