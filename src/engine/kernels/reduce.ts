/** Kernels that reduce axes, and the softmaxes built on them. */
import type * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';
import { type Attributes, axisOf, cast, type Kernel, type KernelTable } from './kernel.ts';

/** The axes that a reduction names, all of them where it names none; `Max` has another word for them. */
function axesOf(attributes: Attributes, rank: number): number[] {
  const axis = attributes.axis ?? attributes.reductionIndices;
  const axes = [axis ?? Array.from({ length: rank }, (_, at) => at)].flat();
  return axes.map((at) => axisOf(at, rank));
}

function reduced(x: tf.TensorInfo, axes: readonly number[], keepDims: boolean): number[] {
  if (keepDims) return x.shape.map((size, at) => (axes.includes(at) ? 1 : size));
  return x.shape.filter((_, at) => !axes.includes(at));
}

function reduce(trace: TraceBackend, op: string, x: tf.TensorInfo, attributes: Attributes): tf.TensorInfo {
  const keepDims = attributes.keepDims === true;
  const axes = axesOf(attributes, x.shape.length);
  const inputs = [x, trace.graph.int64(axes)];
  return trace.emit(op, inputs, reduced(x, axes, keepDims), x.dtype, { keepdims: keepDims ? 1 : 0 });
}

const reduction =
  (op: string): Kernel =>
  (trace, { x }, attributes) => {
    const numeric = x!.dtype === 'bool' ? cast(trace, x!, 'int32') : x!;
    return reduce(trace, op, numeric, attributes);
  };

/** All and Any, as minimum and maximum of 0 and 1. */
const logical =
  (op: string): Kernel =>
  (trace, { x }, attributes) =>
    cast(trace, reduce(trace, op, cast(trace, x!, 'int32'), attributes), 'bool');

const arg =
  (op: string): Kernel =>
  (trace, { x }, attributes) => {
    const axis = axisOf(attributes.axis, x!.shape.length);
    const [name] = trace.graph.node(op, [trace.name(x!)], { axis, keepdims: 0 });
    const shape = x!.shape.filter((_, at) => at !== axis);
    return trace.emit('Cast', [name!], shape, 'int32', { to: 6 });
  };

export const reductions: KernelTable = {
  Sum: reduction('ReduceSum'),
  Mean: (trace, { x }, attributes) => reduce(trace, 'ReduceMean', cast(trace, x!, 'float32'), attributes),
  Max: reduction('ReduceMax'),
  Min: reduction('ReduceMin'),
  All: logical('ReduceMin'),
  Any: logical('ReduceMax'),
  ArgMax: arg('ArgMax'),
  ArgMin: arg('ArgMin'),
  Softmax: (trace, { logits }, attributes) => {
    const x = cast(trace, logits!, 'float32');
    return trace.emit('Softmax', [x], x.shape, 'float32', { axis: attributes.dim as number });
  },
  Cumsum: (trace, { x }, attributes) => {
    const flags = {
      exclusive: attributes.exclusive === true ? 1 : 0,
      reverse: attributes.reverse === true ? 1 : 0,
    };
    return trace.emit(
      'CumSum',
      [x!, trace.graph.int64([axisOf(attributes.axis, x!.shape.length)], [])],
      x!.shape,
      x!.dtype,
      flags,
    );
  },
};
