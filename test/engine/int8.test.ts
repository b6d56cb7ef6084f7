/** Products with frozen matrices on 8-bit integers: how near they come, and what stays in single precision. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import {
  type CompileOptions,
  compile,
  LEAST_ELEMENTS,
  largestInteger,
  linear,
  type TensorFunction,
  trace,
} from '../../src/engine/index.ts';
import { makeRng } from '../../src/rng.ts';

const [ROWS, IN, OUT] = [24, 160, 128];
const rng = makeRng('int8');
const normal = (size: number) => Float32Array.from({ length: size }, () => rng.normal());
const weights = {
  matrix: { shape: [OUT, IN], data: normal(OUT * IN) },
  small: { shape: [8, OUT], data: normal(8 * OUT) },
  bias: { shape: [OUT], data: normal(OUT) },
  eight: { shape: [8], data: normal(8) },
};
const specs = { x: { shape: [ROWS, IN], dtype: 'float32' } } as const;
const feeds = { x: normal(ROWS * IN) };

/** A product with a frozen matrix and its gradient; one with a matrix that is too small. */
const layers =
  (exact: boolean): TensorFunction =>
  ({ x }, { matrix, bias, small, eight }) => {
    const forward = (input: tf.Tensor) => linear(input, matrix!, bias!, exact);
    const dx = tf.grad((input) => tf.sum(tf.square(forward(input))))(x!);
    return { y: forward(x!), dx, narrow: linear(forward(x!), small!, eight!) };
  };

async function run(exact: boolean, options: CompileOptions): Promise<Record<string, Float32Array>> {
  const program = await compile(layers(exact), specs, { ...options, weights, threads: 1 });
  const results = await program.run(feeds);
  await program.dispose();
  return results as Record<string, Float32Array>;
}

/** Norm of the difference over the norm of what is right. */
function relativeError(found: Float32Array, right: Float32Array): number {
  const norm = (values: Float32Array) => Math.hypot(...values);
  return norm(found.map((value, at) => value - right[at]!)) / norm(right);
}

test('a product on integers and its gradient are within 2 % of single precision, and not the same', async () => {
  const [right, found] = [await run(false, {}), await run(false, { precision: 'int8' })];
  for (const name of ['y', 'dx']) {
    const error = relativeError(found[name]!, right[name]!);
    assert.ok(error > 0 && error < 0.02, `${name} is off by ${error}`);
  }
});

test('a smaller range of integers costs some precision, no more', async () => {
  const [right, found] = [await run(false, {}), await run(false, { precision: 'int8', integerMost: 63 })];
  assert.ok(relativeError(found.y!, right.y!) < 0.03);
});

test('what is asked for exactly has the bits of single precision', async () => {
  const [right, found] = [await run(true, {}), await run(true, { precision: 'int8' })];
  assert.deepEqual(found, right);
});

test('the graph holds no second copy in single precision, and small matrices as they were', () => {
  const graph = trace(layers(false), specs, { weights, precision: 'int8' });
  const held = new Map(graph.initializers.map(({ name, type }) => [name, type]));
  assert.equal(held.get('matrix'), undefined);
  assert.equal(held.get('matrix:int8'), 'int8');
  assert.equal(held.get('matrix:int8T'), 'int8');
  assert.ok(weights.small.data.length < LEAST_ELEMENTS);
  assert.equal(held.get('small'), 'float32');
  const quantized = graph.nodes.filter(({ op }) => op === 'DynamicQuantizeLinear').length;
  assert.equal(quantized, 2, 'x once for both of its products, dy once');
});

test('the same integers give the same bits', async () => {
  assert.deepEqual(await run(false, { precision: 'int8' }), await run(false, { precision: 'int8' }));
});

test('this processor adds up 8-bit products exactly, or is given smaller integers', async () => {
  const most = await largestInteger();
  assert.ok(most === 127 || most === 63);
  // the largest sums there can be: 2 · 255 · most has to fit where it is added up
  const full = { shape: [OUT, IN], data: new Float32Array(OUT * IN).fill(1) };
  const program = await compile(({ x }, { matrix, bias }) => ({ y: linear(x!, matrix!, bias!) }), specs, {
    weights: { matrix: full, bias: { shape: [OUT], data: new Float32Array(OUT) } },
    precision: 'int8',
  });
  const { y } = await program.run({ x: new Float32Array(ROWS * IN).fill(1) });
  await program.dispose();
  for (const sum of y as Float32Array) assert.ok(Math.abs(sum - IN) < 0.01, `${sum} is not ${IN}`);
});
