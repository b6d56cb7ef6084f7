import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fromFloat32,
  fromIndices,
  toFloat16,
  toFloat16Bits,
  toFloat32,
  toIndices,
} from '../../src/checkpoint/dtype.ts';

const stored = (dtype: 'F16' | 'BF16', ...halves: number[]) => ({
  dtype,
  shape: [halves.length],
  data: new Uint8Array(Uint16Array.from(halves).buffer),
});

test('every half-precision number survives the way to a float and back', () => {
  const halves = Array.from({ length: 0x10000 }, (_, bits) => bits);
  const floats = toFloat32(stored('F16', ...halves));
  for (const bits of halves) {
    const notANumber = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
    const back = toFloat16Bits(floats[bits]!); // the sign of NaN is not JavaScript's to keep
    assert.equal(notANumber ? back & 0x7fff : back, notANumber ? 0x7e00 : bits);
  }
  assert.deepEqual(
    [...toFloat32(stored('F16', 0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00))],
    [1, -2, 65504, 2 ** -24, 2 ** -14, Infinity],
  );
});

test('a float becomes the nearest half, ties to even', () => {
  const nearest = (value: number) => toFloat32(stored('F16', toFloat16Bits(value)))[0]!;
  assert.equal(nearest(1 + 2 ** -11), 1);
  assert.equal(nearest(1 + 3 * 2 ** -11), 1 + 2 ** -9);
  assert.equal(nearest(65519), 65504);
  assert.equal(nearest(65520), Infinity);
  assert.equal(nearest(2 ** -25), 0);
  assert.equal(nearest(-1.5 * 2 ** -24), -(2 ** -23));
  fc.assert(
    fc.property(fc.float({ min: -60000, max: 60000, noNaN: true }), (value) => {
      const error = Math.abs(nearest(value) - value);
      assert.ok(error <= Math.max(2 ** -25, Math.abs(value) * 2 ** -11), `${value}`);
    }),
  );
  assert.deepEqual(toFloat16(Float32Array.of(1, -2), [2]), stored('F16', 0x3c00, 0xc000));
});

test('bfloat16 and double', () => {
  assert.deepEqual([...toFloat32(stored('BF16', 0x3f80, 0xc000, 0x7f80))], [1, -2, Infinity]);
  const data = new Uint8Array(Float64Array.of(0.1, -3).buffer);
  assert.deepEqual(toFloat32({ dtype: 'F64', shape: [2], data }), Float32Array.of(0.1, -3));
});

test('float32 is shared where it is aligned and copied where it is not', () => {
  const numbers = Float32Array.of(1, 2, 3);
  const shared = toFloat32(fromFloat32(numbers.subarray(1), [2]));
  assert.equal(shared.buffer, numbers.buffer);
  assert.deepEqual(shared, Float32Array.of(2, 3));
  const shifted = new Uint8Array(13);
  shifted.set(new Uint8Array(numbers.buffer), 1);
  assert.deepEqual(toFloat32({ dtype: 'F32', shape: [3], data: shifted.subarray(1) }), numbers);
});

test('indices, and types that do not fit', () => {
  assert.deepEqual(toIndices(fromIndices([0, 7, 2 ** 40])), [0, 7, 2 ** 40]);
  assert.throws(() => toIndices(fromFloat32(Float32Array.of(1), [1])), { code: 'CPT_SAFETENSORS' });
  assert.throws(() => toFloat32(fromIndices([1])), { code: 'CPT_SAFETENSORS' });
});
