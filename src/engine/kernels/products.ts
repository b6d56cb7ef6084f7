/** Matrix products and scattered sums. */
import type * as tf from '@tensorflow/tfjs';
import type { TraceBackend } from '../trace.ts';
import { integerProduct } from './int8.ts';
import { type KernelTable, toInt64 } from './kernel.ts';

function swapLast(trace: TraceBackend, x: tf.TensorInfo): tf.TensorInfo {
  const rank = x.shape.length;
  const perm = [...Array.from({ length: rank - 2 }, (_, at) => at), rank - 1, rank - 2];
  return trace.emit(
    'Transpose',
    [x],
    perm.map((axis) => x.shape[axis]!),
    x.dtype,
    { perm },
  );
}

export interface ProductOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  /** Factor of the whole product. */
  readonly alpha?: number;
  /** In single precision, whatever the program's precision is. */
  readonly exact?: boolean;
}

/** The product of the last two axes; leading axes broadcast. */
export function matMul(
  trace: TraceBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  { transposeA = false, transposeB = false, alpha = 1, exact = false }: ProductOptions = {},
): tf.TensorInfo {
  if (!exact && !transposeA && alpha === 1) {
    const product = integerProduct(trace, a, b, transposeB);
    if (product !== null) return product;
  }
  const rows = a.shape.at(transposeA ? -1 : -2)!;
  const columns = b.shape.at(transposeB ? -2 : -1)!;
  const lead = leading(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...lead, rows, columns];
  const flags = { transA: transposeA ? 1 : 0, transB: transposeB ? 1 : 0 };
  const factor = alpha === 1 ? {} : { alpha: { float: alpha } };
  if (alpha === 1 && !transposeA && !transposeB) return trace.emit('MatMul', [a, b], shape, 'float32');
  if (shape.length === 2) return trace.emit('Gemm', [a, b], shape, 'float32', { ...flags, ...factor });
  if (!trace.portable) {
    return trace.emit('FusedMatMul', [a, b], shape, 'float32', { ...flags, ...factor }, 'com.microsoft');
  }
  const left = transposeA ? swapLast(trace, a) : a;
  const right = transposeB ? swapLast(trace, b) : b;
  const scaled =
    alpha === 1 ? left : trace.emit('Mul', [left, trace.graph.float(alpha)], left.shape, 'float32');
  return trace.emit('MatMul', [scaled, right], shape, 'float32');
}

function leading(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, at) =>
    Math.max(a[at - rank + a.length] ?? 1, b[at - rank + b.length] ?? 1),
  );
}

export const products: KernelTable = {
  BatchMatMul: (trace, { a, b }, attributes) =>
    matMul(trace, a!, b!, {
      transposeA: attributes.transposeA === true,
      transposeB: attributes.transposeB === true,
    }),
  UnsortedSegmentSum: (trace, { x, segmentIds }, attributes) => {
    // ScatterND's additions to one row race between threads; ScatterElements adds in order, so that equal
    // inputs give equal bits.
    const count = attributes.numSegments as number;
    const row = x!.shape.slice(1);
    const column = [segmentIds!.shape[0]!, ...row.map(() => 1)];
    const lifted = trace.graph.node('Reshape', [toInt64(trace, segmentIds!), trace.shape(column)])[0]!;
    const indices = trace.graph.node('Expand', [lifted, trace.shape(x!.shape)])[0]!;
    const shape = [count, ...row];
    const zero = trace.emit('Expand', [trace.graph.float(0), trace.shape(shape)], shape, 'float32');
    return trace.emit('ScatterElements', [zero, indices, x!], shape, 'float32', {
      axis: 0,
      reduction: 'add',
    });
  },
};
