import assert from 'node:assert/strict';
import { test } from 'node:test';
import { averageEvery, averageIn, averageWeight } from '../../src/train/average.ts';

const averageOf = (values: readonly number[], halfLife: number): number => {
  const average = { a: Float32Array.of(-99) };
  for (const [at, value] of values.entries()) {
    averageIn(average, { a: Float32Array.of(value) }, averageWeight(at + 1, halfLife));
  }
  return average.a[0]!;
};

test('worked by hand: half-life 1 halves what was, a long one is the mean so far', () => {
  // 4; (4 + 8) / 2 = 6; (6 + 2) / 2 = 4; (4 + 10) / 2 = 7
  assert.equal(averageOf([4, 8, 2, 10], 1), 7);
  // (4 + 8 + 2 + 10) / 4
  assert.equal(averageOf([4, 8, 2, 10], 1e9), 6);
  // half-life 2: 1 - 1/sqrt 2 is 0.2929, so two steps of means (4, 6), a third (14/3), then 0.2929 of the way to 10
  assert.ok(Math.abs(averageOf([4, 8, 2, 10], 2) - (14 / 3 + (1 - Math.SQRT1_2) * (10 - 14 / 3))) < 1e-6);
});

test('a part halves in a half-life, however often it is looked at the weights', () => {
  for (const [halfLife, every] of [
    [3, 1],
    [25, 3],
    [100, 10],
  ] as const) {
    assert.equal(averageEvery(halfLife), every);
    assert.ok(Math.abs((1 - averageWeight(10_000, halfLife)) ** (halfLife / every) - 0.5) < 1e-12);
  }
});

test('weights that stay are their own average, bit for bit', () => {
  const values = Float32Array.of(0.1, -3e-7, 12345.678);
  const average = { a: values.slice() };
  for (let step = 1; step < 50; step++) averageIn(average, { a: values }, averageWeight(step, 7));
  assert.deepEqual(average.a, values);
});
