import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dequantizeRows, quantizeColumns, quantizeRows, transposed } from '../../src/engine/quantize.ts';

const matrix = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }), fc.constantFrom(127, 63))
  .chain(([rows, columns, most]) =>
    fc.record({
      rows: fc.constant(rows),
      columns: fc.constant(columns),
      most: fc.constant(most),
      values: fc.float32Array({
        minLength: rows * columns,
        maxLength: rows * columns,
        noNaN: true,
        min: -1000,
        max: 1000,
      }),
    }),
  );

test('by hand: the largest of a row is 127, the rest in proportion', () => {
  const { integers, scales } = quantizeRows(Float32Array.of(1, -2, 0.5, 0, 0, 0), 2, 3);
  // 2 / 127 a step: 1 is 63.5, which rounds up; 0.5 is 31.75
  assert.deepEqual([...integers], [64, -127, 32, 0, 0, 0]);
  assert.deepEqual([...scales], [Math.fround(2 / 127), 1]);
});

test('by hand: one scale a column, and less room where it is asked for', () => {
  const { integers, scales } = quantizeColumns(Float32Array.of(1, -2, 4, 8), 2, 2, 63);
  assert.deepEqual([...integers], [16, -16, 63, 63]); // 15.75 and -15.75
  assert.deepEqual([...scales], [Math.fround(4 / 63), Math.fround(8 / 63)]);
});

test('no value is off by more than half a step, and columns are the rows of the transposed', () => {
  fc.assert(
    fc.property(matrix, ({ rows, columns, most, values }) => {
      const quantized = quantizeRows(values, rows, columns, most);
      const back = dequantizeRows(quantized);
      for (const [at, value] of values.entries()) {
        const step = quantized.scales[Math.floor(at / columns)]!;
        const room = step * 0.5001;
        assert.ok(Math.abs(back[at]! - value) <= room, `${value} became ${back[at]}`);
      }
      assert.ok(quantized.integers.every((value) => Math.abs(value) <= most));
      const turned = Float32Array.from(
        values,
        (_, at) => values[(at % rows) * columns + Math.floor(at / rows)]!,
      );
      const byColumns = quantizeColumns(turned, columns, rows, most);
      assert.deepEqual(byColumns.scales, quantized.scales);
      assert.deepEqual(byColumns.integers, transposed(quantized.integers, rows, columns));
    }),
  );
});

test('what integers stand for has these integers again', () => {
  fc.assert(
    fc.property(matrix, ({ rows, columns, most, values }) => {
      const once = quantizeRows(values, rows, columns, most);
      assert.deepEqual(quantizeRows(dequantizeRows(once), rows, columns, most).integers, once.integers);
    }),
  );
});
