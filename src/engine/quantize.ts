/**
 * Symmetric 8-bit integers for frozen matrices: w ≈ scale · round(w / scale), one scale for each output channel,
 * scale = max|w| / 127 over the channel. 0 stays 0.
 */

export interface Quantised {
  readonly integers: Int8Array;
  /** One a channel. */
  readonly scales: Float32Array;
}

/** Largest integer by default. 63 leaves room where a processor adds two products in 16 bits. */
export const MOST = 127;

/**
 * One scale a row.
 * @param values [rows, columns]
 * @param most largest integer
 */
export function quantizeRows(values: Float32Array, rows: number, columns: number, most = MOST): Quantised {
  const scales = new Float32Array(rows);
  const integers = new Int8Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let largest = 0;
    for (let at = start; at < start + columns; at++) largest = Math.max(largest, Math.abs(values[at]!));
    // stored in single precision: divide by what is stored
    scales[row] = scaleOf(largest, most);
    const scale = scales[row]!;
    for (let at = start; at < start + columns; at++) integers[at] = nearest(values[at]! / scale, most);
  }
  return { integers, scales };
}

/**
 * One scale a column.
 * @param values [rows, columns]
 * @param most largest integer
 */
export function quantizeColumns(values: Float32Array, rows: number, columns: number, most = MOST): Quantised {
  const scales = new Float32Array(columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      scales[column] = Math.max(scales[column]!, Math.abs(values[at]!));
    }
  }
  for (let column = 0; column < columns; column++) scales[column] = scaleOf(scales[column]!, most);
  const integers = new Int8Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      integers[at] = nearest(values[at]! / scales[column]!, most);
    }
  }
  return { integers, scales };
}

/** [rows, columns] → [columns, rows], in blocks that stay in the cache. */
export function transposed(values: Int8Array, rows: number, columns: number): Int8Array {
  const block = 64;
  const result = new Int8Array(values.length);
  for (let top = 0; top < rows; top += block) {
    for (let left = 0; left < columns; left += block) {
      for (let row = top; row < Math.min(rows, top + block); row++) {
        for (let column = left; column < Math.min(columns, left + block); column++) {
          result[column * rows + row] = values[row * columns + column]!;
        }
      }
    }
  }
  return result;
}

/** The matrix that the integers stand for, [rows, columns], scaled by rows. */
export function dequantizeRows({ integers, scales }: Quantised): Float32Array {
  const columns = integers.length / scales.length;
  const values = new Float32Array(integers.length);
  for (let row = 0, at = 0; row < scales.length; row++) {
    const scale = scales[row]!;
    for (let column = 0; column < columns; column++, at++) values[at] = integers[at]! * scale;
  }
  return values;
}

function scaleOf(largest: number, most: number): number {
  return largest === 0 ? 1 : Math.fround(largest / most);
}

function nearest(value: number, most: number): number {
  return Math.max(-most, Math.min(most, Math.round(value)));
}
