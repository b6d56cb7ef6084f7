/** Kernels that move, cut, join or make values without computing on them. */
import * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';
import { axisOf, type Kernel, type KernelTable, toInt64 } from './kernel.ts';

function reshape(trace: TraceBackend, x: tf.TensorInfo, shape: readonly number[]): tf.TensorInfo {
  if (shape.length === x.shape.length && shape.every((size, axis) => size === x.shape[axis])) {
    return trace.bind(trace.name(x), shape, x.dtype);
  }
  return trace.emit('Reshape', [x, trace.shape(shape)], shape, x.dtype);
}

/** Resolves one -1 in a wanted shape. */
function inferred(shape: readonly number[], size: number): number[] {
  const known = shape.reduce((product, axis) => (axis < 0 ? product : product * axis), 1);
  return shape.map((axis) => (axis < 0 ? size / known : axis));
}

function filled(
  trace: TraceBackend,
  shape: readonly number[],
  value: number,
  dtype: tf.DataType,
): tf.TensorInfo {
  const typed =
    dtype === 'float32'
      ? Float32Array.of(value)
      : dtype === 'int32'
        ? Int32Array.of(value)
        : Uint8Array.of(value);
  const type = dtype === 'float32' || dtype === 'int32' ? dtype : 'bool';
  const scalar = trace.graph.constant(type, [], new Uint8Array(typed.buffer));
  return trace.emit('Expand', [scalar, trace.shape(shape)], shape, dtype);
}

const like =
  (value: number): Kernel =>
  (trace, { x }) =>
    filled(trace, x!.shape, value, x!.dtype);

function slice(
  trace: TraceBackend,
  x: tf.TensorInfo,
  begin: readonly number[],
  size: readonly number[],
): tf.TensorInfo {
  const axes = begin.map((_, axis) => axis);
  const ends = begin.map((start, axis) => start + size[axis]!);
  const inputs = [x, trace.graph.int64(begin), trace.graph.int64(ends), trace.graph.int64(axes)];
  return trace.emit('Slice', inputs, size, x.dtype);
}

/** Sizes of the parts of a split, with one -1 resolved. */
function partSizes(parts: number | readonly number[], total: number): number[] {
  if (typeof parts !== 'number') return inferredParts(parts, total);
  return Array.from({ length: parts }, () => total / parts);
}

function inferredParts(parts: readonly number[], total: number): number[] {
  const known = parts.reduce((sum, part) => (part < 0 ? sum : sum + part), 0);
  return parts.map((part) => (part < 0 ? total - known : part));
}

export const shapes: KernelTable = {
  Reshape: (trace, { x }, attributes) => {
    const size = x!.shape.reduce((product, axis) => product * axis, 1);
    return reshape(trace, x!, inferred(attributes.shape as number[], size));
  },
  ExpandDims: (trace, { input }, attributes) => {
    const shape = [...input!.shape];
    const dim = attributes.dim as number;
    shape.splice(dim < 0 ? shape.length + dim + 1 : dim, 0, 1);
    return reshape(trace, input!, shape);
  },
  Transpose: (trace, { x }, attributes) => {
    const perm = attributes.perm as number[];
    return trace.emit(
      'Transpose',
      [x!],
      perm.map((axis) => x!.shape[axis]!),
      x!.dtype,
      { perm },
    );
  },
  Slice: (trace, { x }, attributes) => {
    const whole = x as tf.Tensor; // only its shape is looked at
    const [begin, size] = tf.slice_util.parseSliceParams(
      whole,
      attributes.begin as number[],
      attributes.size as number[],
    ) as [number[], number[]];
    return slice(trace, x!, begin, size);
  },
  SplitV: (trace, { x }, attributes) => {
    const axis = axisOf(attributes.axis, x!.shape.length);
    const parts = partSizes(attributes.numOrSizeSplits as number | number[], x!.shape[axis]!);
    const inputs = [trace.name(x!), trace.shape(parts)];
    return trace.graph.node('Split', inputs, { axis }, parts.length).map((name, at) =>
      trace.bind(
        name,
        x!.shape.map((whole, of) => (of === axis ? parts[at]! : whole)),
        x!.dtype,
      ),
    );
  },
  Concat: (trace, inputs, attributes) => {
    const parts = Object.values(inputs);
    const axis = axisOf(attributes.axis, parts[0]!.shape.length);
    const shape = [...parts[0]!.shape];
    shape[axis] = parts.reduce((sum, part) => sum + part.shape[axis]!, 0);
    return trace.emit('Concat', parts, shape, parts[0]!.dtype, { axis });
  },
  Pack: (trace, inputs, attributes) => {
    const parts = Object.values(inputs);
    const axis = axisOf(attributes.axis, parts[0]!.shape.length + 1);
    const single = [...parts[0]!.shape];
    single.splice(axis, 0, 1);
    const shape = single.map((size, at) => (at === axis ? parts.length : size));
    const lifted = parts.map((part) => reshape(trace, part, single));
    return trace.emit('Concat', lifted, shape, parts[0]!.dtype, { axis });
  },
  Unpack: (trace, { value }, attributes) => {
    const axis = axisOf(attributes.axis, value!.shape.length);
    const size = value!.shape.map((whole, at) => (at === axis ? 1 : whole));
    const shape = value!.shape.filter((_, at) => at !== axis);
    return Array.from({ length: value!.shape[axis]! }, (_, index) => {
      const begin = value!.shape.map((__, at) => (at === axis ? index : 0));
      return reshape(trace, slice(trace, value!, begin, size), shape);
    });
  },
  PadV2: (trace, { x }, attributes) => {
    const pads = attributes.paddings as [number, number][];
    const shape = x!.shape.map((size, axis) => size + pads[axis]![0] + pads[axis]![1]);
    const amounts = [...pads.map((pad) => pad[0]), ...pads.map((pad) => pad[1])];
    const value = trace.graph.float(attributes.constantValue as number);
    return trace.emit('Pad', [x!, trace.graph.int64(amounts), value], shape, x!.dtype);
  },
  Tile: (trace, { x }, attributes) => {
    const reps = attributes.reps as number[];
    return trace.emit(
      'Tile',
      [x!, trace.graph.int64(reps)],
      x!.shape.map((size, axis) => size * reps[axis]!),
      x!.dtype,
    );
  },
  Reverse: (trace, { x }, attributes) => {
    const rank = x!.shape.length;
    const axes = [attributes.dims ?? Array.from({ length: rank }, (_, at) => at)].flat() as number[];
    const all = (value: number) => trace.graph.int64(axes.map(() => value));
    const inputs = [x!, all(-1), all(Number.MIN_SAFE_INTEGER), trace.graph.int64(axes), all(-1)];
    return trace.emit('Slice', inputs, x!.shape, x!.dtype);
  },
  Fill: (trace, _, attributes) => {
    const dtype = (attributes.dtype as tf.DataType | undefined) ?? 'float32';
    return filled(trace, attributes.shape as number[], attributes.value as number, dtype);
  },
  ZerosLike: like(0),
  OnesLike: like(1),
  GatherV2: (trace, { x, indices }, attributes) => {
    const axis = axisOf(attributes.axis, x!.shape.length);
    const shape = [...x!.shape.slice(0, axis), ...indices!.shape, ...x!.shape.slice(axis + 1)];
    return trace.emit('Gather', [x!, indices!], shape, x!.dtype, { axis });
  },
  OneHot: (trace, { indices }, attributes) => {
    const depth = attributes.depth as number;
    const values = Float32Array.of(attributes.offValue as number, attributes.onValue as number);
    const pair = trace.graph.constant('float32', [2], new Uint8Array(values.buffer));
    const inputs = [toInt64(trace, indices!), trace.graph.int64([depth]), pair];
    const hot = trace.emit('OneHot', inputs, [...indices!.shape, depth], 'float32', { axis: -1 });
    const dtype = attributes.dtype as tf.DataType;
    return dtype === 'float32'
      ? hot
      : trace.emit('Cast', [hot], hot.shape, dtype, { to: dtype === 'int32' ? 6 : 9 });
  },
};
