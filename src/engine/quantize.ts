/**
 * Symmetric 8-bit integers for matrices: w ≈ scale · round(w / scale), one scale for each output channel,
 * scale = max|w| / 127 over the channel. 0 stays 0.
 */

export interface Quantized {
  readonly integers: Int8Array;
  /** One a channel; 1 where the whole channel is 0, or too small for a scale of normal size. */
  readonly scales: Float32Array;
}

/** Largest integer by default. */
export const MOST = 127;

/**
 * One scale a row.
 * @param values [rows, columns]
 * @param most largest integer
 */
export function quantizeRows(values: Float32Array, rows: number, columns: number, most = MOST): Quantized {
  const largest = new Float32Array(rows);
  for (let row = 0, at = 0; row < rows; row++) {
    let found = 0;
    for (const end = at + columns; at < end; at++) {
      const size = Math.abs(values[at]!);
      if (size > found) found = size;
    }
    largest[row] = found;
  }
  const scales = largest.map((value) => scaleOf(value, most));
  const integers = new Int8Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const factor = 1 / scales[row]!;
    for (const end = at + columns; at < end; at++) integers[at] = nearest(values[at]! * factor);
  }
  return { integers, scales };
}

/**
 * One scale a column.
 * @param values [rows, columns]
 * @param most largest integer
 */
export function quantizeColumns(values: Float32Array, rows: number, columns: number, most = MOST): Quantized {
  const largest = new Float32Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const size = Math.abs(values[at]!);
      if (size > largest[column]!) largest[column] = size;
    }
  }
  const scales = largest.map((value) => scaleOf(value, most));
  const factors = Float64Array.from(scales, (scale) => 1 / scale);
  const integers = new Int8Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      integers[at] = nearest(values[at]! * factors[column]!);
    }
  }
  return { integers, scales };
}

/** The matrix that the integers stand for, [rows, columns], one scale a row. */
export function dequantizeRows({ integers, scales }: Quantized): Float32Array {
  const columns = integers.length / scales.length;
  const values = new Float32Array(integers.length);
  for (let row = 0, at = 0; row < scales.length; row++) {
    const scale = scales[row]!;
    for (const end = at + columns; at < end; at++) values[at] = integers[at]! * scale;
  }
  return values;
}

/** [rows, columns] → [columns, rows], in blocks that stay in the cache. */
export function transposed(values: Int8Array, rows: number, columns: number): Int8Array {
  const block = 64;
  const result = new Int8Array(values.length);
  for (let top = 0; top < rows; top += block) {
    const bottom = Math.min(rows, top + block);
    for (let left = 0; left < columns; left += block) {
      const right = Math.min(columns, left + block);
      for (let row = top; row < bottom; row++) {
        for (let column = left; column < right; column++) {
          result[column * rows + row] = values[row * columns + column]!;
        }
      }
    }
  }
  return result;
}

const LEAST_NORMAL = 2 ** -126;

/** In single precision, as it is stored: integers are found by what is stored. */
function scaleOf(largest: number, most: number): number {
  const scale = Math.fround(largest / most);
  return scale < LEAST_NORMAL ? 1 : scale; // so small a channel is 0
}

/** The nearest integer of a value within ±128, half up; several times as fast as Math.round. */
function nearest(value: number): number {
  return ((value + 128.5) | 0) - 128;
}
