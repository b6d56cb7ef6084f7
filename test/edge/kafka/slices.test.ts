import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slices } from '../../../src/edge/kafka/slices.ts';

test('so many and so many bytes at once, in order; what is larger alone stands alone', () => {
  const cut = (sizes: number[], most: number) => [...slices(sizes, most, (size) => size)];
  assert.deepEqual(cut([], 3), []);
  assert.deepEqual(cut([1, 2, 3, 4], 3), [[1, 2, 3], [4]]);
  assert.deepEqual(cut([1 << 19, 1], 3), [[1 << 19], [1]]);
  assert.deepEqual(cut([1, 1 << 20, 2, 3], 3), [[1], [1 << 20], [2, 3]]);
  assert.deepEqual(cut([1 << 18, 1 << 18, 1], 3), [[1 << 18, 1 << 18], [1]]);
});
