/** The type of one entry of the kernel table: a tfjs kernel as ONNX nodes. */
import * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';

export type Inputs = Readonly<Record<string, tf.TensorInfo>>;
export type Attributes = Readonly<Record<string, unknown>>;

/** Writes the nodes of one kernel and names its result. */
export type Kernel = (
  trace: TraceBackend,
  inputs: Inputs,
  attributes: Attributes,
) => tf.TensorInfo | tf.TensorInfo[];
export type KernelTable = Readonly<Record<string, Kernel>>;

/** Shape of two operands broadcast against each other. */
export function broadcast(a: tf.TensorInfo, b: tf.TensorInfo): number[] {
  return tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
}

/** An axis counted from the first, where tfjs also takes one counted back from the last. */
export function axisOf(axis: unknown, rank: number): number {
  return (axis as number) < 0 ? (axis as number) + rank : (axis as number);
}

export function cast(trace: TraceBackend, x: tf.TensorInfo, dtype: tf.DataType): tf.TensorInfo {
  if (x.dtype === dtype) return x;
  return trace.emit('Cast', [x], x.shape, dtype, { to: CAST_TO[dtype] ?? 1 });
}

/** The value as int64, which ONNX wants for indices. */
export function toInt64(trace: TraceBackend, x: tf.TensorInfo): string {
  return trace.graph.node('Cast', [trace.name(x)], { to: 7 })[0]!;
}

const CAST_TO: Partial<Record<tf.DataType, number>> = { float32: 1, int32: 6, bool: 9 };
