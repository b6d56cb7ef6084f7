/** Tracing: dynamic axes, external weights, reproducible bytes, and what is refused. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import {
  attention,
  compile,
  eager,
  externalBytes,
  type FeedSpec,
  gelu,
  layerNorm,
  linear,
  type TensorFunction,
  toOnnx,
  trace,
} from '../../src/engine/index.ts';
import { CptError } from '../../src/errors.ts';
import { real } from './cases.ts';

const WIDTH = 4;
const weights = {
  table: { shape: [7, WIDTH], data: Float32Array.from(real(7, WIDTH).values) },
  dense: { shape: [WIDTH, WIDTH], data: Float32Array.from(real(WIDTH, WIDTH).values) },
  zero: { shape: [WIDTH], data: new Float32Array(WIDTH) },
  one: { shape: [WIDTH], data: new Float32Array(WIDTH).fill(1) },
};

/** A little of everything that an encoder does with a batch's shape. */
const encoder: TensorFunction = ({ ids, mask }, { table, dense, zero, one }) => {
  const [batch, length] = ids!.shape as [number, number];
  const x = tf.gather(table!, tf.reshape(ids!, [batch * length])); // [batch·length, width]
  const bias = tf.reshape(tf.mul(tf.sub(1, tf.cast(mask!, 'float32')), -1e9), [batch, 1, 1, length]);
  const y = layerNorm(tf.add(x, attention(gelu(linear(x, dense!, zero!)), x, x, bias, 2)), one!, zero!, 1e-5);
  return { hidden: tf.reshape(y, [batch, length, WIDTH]), twice: tf.tile(tf.zerosLike(y), [1, 2]) };
};

const dynamic: Record<string, FeedSpec> = {
  ids: { shape: ['batch', 'length'], dtype: 'int32', int64: true },
  mask: { shape: ['batch', 'length'], dtype: 'int32', int64: true },
};
const ids = [1, 2, 3, 4, 5, 6];
const mask = [1, 1, 1, 1, 1, 0];

for (const portable of [false, true]) {
  test(`dynamic axes take every size (${portable ? 'portable' : 'own'} operators)`, async () => {
    const program = await compile(encoder, dynamic, { weights, portable });
    assert.deepEqual(
      program.graph.outputs.map(({ shape }) => shape),
      [
        ['batch', 'length', WIDTH],
        ['batch*length', 2 * WIDTH],
      ],
    );
    if (portable) assert.ok(program.graph.nodes.every(({ domain }) => domain === ''));
    for (const [batch, length] of [
      [2, 3],
      [3, 2],
      [1, 6],
      [6, 1],
    ] as const) {
      const fixed: Record<string, FeedSpec> = {
        ids: { shape: [batch, length], dtype: 'int32' },
        mask: { shape: [batch, length], dtype: 'int32' },
      };
      const reference = await eager(encoder, fixed, { weights });
      const expected = await reference.run({ ids: Int32Array.from(ids), mask: Int32Array.from(mask) });
      const feeds = { ids: BigInt64Array.from(ids, BigInt), mask: BigInt64Array.from(mask, BigInt) };
      const got = await program.run(feeds, {}, undefined, { batch, length });
      assert.equal(got.twice!.length, 6 * 2 * WIDTH);
      for (const [at, value] of expected.hidden!.entries()) {
        assert.ok(Math.abs(Number(got.hidden![at]) - Number(value)) < 1e-5);
      }
    }
    await program.dispose();
  });
}

test('toOnnx lays weights out beside the protobuf, aligned, and other programs load it', async () => {
  const graph = trace(encoder, dynamic, { weights, portable: true });
  const { model, chunks } = toOnnx(graph, 'model.onnx_data');
  const end = chunks.at(-1)!.offset + chunks.at(-1)!.data.byteLength;
  assert.ok(chunks.every(({ offset }) => offset % 64 === 0));
  assert.equal(
    chunks.reduce((sum, { data }) => sum + data.byteLength, 0),
    externalBytes(graph),
  );
  const file = new Uint8Array(end);
  for (const { offset, data } of chunks) file.set(data, offset);
  const marker = Buffer.from(weights.table.data.buffer);
  assert.equal(Buffer.from(model).indexOf(marker), -1, 'no weight inside the protobuf');
  const session = await ort.InferenceSession.create(model, {
    externalData: [{ path: 'model.onnx_data', data: file }],
  });
  const tensor = (values: number[]) => new ort.Tensor('int64', BigInt64Array.from(values, BigInt), [2, 3]);
  const { hidden } = await session.run({ ids: tensor(ids), mask: tensor(mask) });
  const program = await compile(encoder, dynamic, { weights });
  const own = await program.run(
    { ids: BigInt64Array.from(ids, BigInt), mask: BigInt64Array.from(mask, BigInt) },
    {},
    undefined,
    { batch: 2 },
  );
  for (const [at, value] of own.hidden!.entries()) {
    assert.ok(Math.abs(Number(hidden!.data[at]) - Number(value)) < 1e-5);
  }
});

test('equal functions give equal bytes, and what no output needs is left out', () => {
  const bytes = () => toOnnx(trace(encoder, dynamic, { weights }), 'w').model;
  assert.deepEqual(bytes(), bytes());
  const graph = trace(
    ({ a, b }) => {
      tf.exp(b!);
      return { y: tf.add(a!, tf.add(a!, a!)) };
    },
    { a: { shape: [2], dtype: 'float32' }, b: { shape: [2], dtype: 'float32' } },
    { weights: { unused: weights.zero } },
  );
  assert.deepEqual(
    graph.inputs.map(({ name }) => name),
    ['a'],
  );
  assert.equal(graph.initializers.length, 0);
});

const engineError = (pattern: RegExp) => (error: unknown) =>
  error instanceof CptError && error.code === 'CPT_ENGINE' && pattern.test(error.message);
const vector: Record<string, FeedSpec> = { x: { shape: [3], dtype: 'float32' } };

test('refused while tracing, with the code CPT_ENGINE', () => {
  const outside = tf.tidy(() => tf.keep(tf.tensor1d([1, 2, 3])));
  const refused: [TensorFunction, RegExp][] = [
    [({ x }) => ({ y: tf.mul(x!, x!.dataSync()[0]!) }), /read while tracing/],
    [({ x }) => ({ y: tf.add(x!, outside) }), /another/],
    [({ x }) => ({ y: tf.topk(x!, 1).values }), /cannot be compiled: Kernel 'TopK' not registered/],
  ];
  for (const [fn, pattern] of refused) assert.throws(() => trace(fn, vector), engineError(pattern));
  // none of them leaves the tracing backend behind
  assert.equal(tf.add(outside, 1).dataSync()[0], 2);
});

test('values that do not fit are refused before they are run', async () => {
  const both = [
    await compile(({ x }) => ({ y: tf.neg(x!) }), vector),
    await eager(({ x }) => ({ y: tf.neg(x!) }), vector),
  ];
  for (const program of both) {
    await assert.rejects(program.run({}), engineError(/The feed x is missing/));
    await assert.rejects(program.run({ x: new Float32Array(4) }), engineError(/x has 4 values, not \[3\]/));
    const into = { y: new Float32Array(3) };
    const { y } = await program.run({ x: Float32Array.of(1, 2, 3) }, into);
    assert.equal(y, into.y, 'the result is written where it was asked for');
    assert.deepEqual([...into.y], [-1, -2, -3]);
    await program.dispose();
  }
});

test('at most three dynamic axes', () => {
  const spec: Record<string, FeedSpec> = { x: { shape: ['a', 'b', 'c', 'd'], dtype: 'float32' } };
  assert.throws(() => trace(({ x }) => ({ y: tf.neg(x!) }), spec), engineError(/three dynamic axes/));
});

test('eager refuses a backend that is not there and keeps the current one', async () => {
  const before = tf.getBackend();
  await assert.rejects(
    eager(({ x }) => ({ y: tf.neg(x!) }), vector, { backend: 'abacus' }),
    engineError(/no tfjs backend abacus/),
  );
  const program = await eager(({ x }) => ({ y: tf.neg(x!) }), vector, { backend: 'cpu' });
  assert.equal(program.provider, 'tfjs-cpu');
  assert.equal(program.graph.nodes[0]!.op, 'Neg');
  assert.equal(tf.getBackend(), before);
});
