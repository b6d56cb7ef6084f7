/**
 * Products with a frozen matrix on 8-bit integer units: the matrix is quantized once, one scale a column, the other
 * operand while the graph runs, one scale over all of it (ONNX's DynamicQuantizeLinear). About 1 % of error
 * a product, and two to three times the speed of single precision.
 */
import type * as tf from '@tensorflow/tfjs';
import { quantizeColumns, quantizeRows, transposed } from '../quantize.ts';
import type { TraceBackend } from '../trace.ts';

/** Smaller matrices are not worth the two passes that quantizing the other operand takes. */
export const LEAST_ELEMENTS = 16_384;

function frozenMatrix(trace: TraceBackend, x: tf.TensorInfo) {
  if (trace.integerMost === null || x.shape.length !== 2) return null;
  const weight = trace.frozen(x);
  if (weight === undefined || weight.data.length < LEAST_ELEMENTS) return null;
  const [rows, columns] = x.shape as [number, number];
  return { name: trace.name(x), values: weight.data, rows, columns, most: trace.integerMost };
}

/**
 * a · b, or a · bᵀ, plus a bias.
 * @param a [rows, K]
 * @param b [K, N], or [N, K] where it is to be transposed
 * @param bias [N]
 * @returns [rows, N], or null where b is not a frozen matrix or the trace is not to use integers
 */
export function integerProduct(
  trace: TraceBackend,
  a: tf.TensorInfo,
  b: tf.TensorInfo,
  transposeB: boolean,
  bias?: tf.TensorInfo,
): tf.TensorInfo | null {
  const matrix = a.shape.length === 2 ? frozenMatrix(trace, b) : null;
  if (matrix === null) return null;
  const { name, values, rows, columns, most } = matrix;
  const [inputs, outputs] = transposeB ? [columns, rows] : [rows, columns];
  const own = `${name}:int8${transposeB ? 'T' : ''}`;
  if (!trace.graph.has(own)) {
    const { integers, scales } = transposeB
      ? quantizeRows(values, rows, columns, most)
      : quantizeColumns(values, rows, columns, most);
    const laidOut = transposeB ? transposed(integers, rows, columns) : integers;
    store(trace, own, 'int8', [inputs, outputs], laidOut);
    store(trace, `${own}:scale`, 'float32', [outputs], scales);
  }
  const [quantized, scale, zero] = trace.graph.node('DynamicQuantizeLinear', [trace.name(a)], {}, 3);
  return trace.emit(
    'MatMulIntegerToFloat',
    [quantized!, own, scale!, `${own}:scale`, zero!, '', ...(bias === undefined ? [] : [bias])],
    [a.shape[0]!, outputs],
    'float32',
    {},
    'com.microsoft',
  );
}

function store(
  trace: TraceBackend,
  name: string,
  type: 'int8' | 'float32',
  shape: readonly number[],
  values: Int8Array | Float32Array,
): void {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  trace.graph.initializer({ name, type, shape, data, external: data.byteLength > 1024 });
}
