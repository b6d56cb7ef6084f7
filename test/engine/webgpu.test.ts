/** What is written in other operators for the webgpu provider computes the same; checked on the processor. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { openSession, trace } from '../../src/engine/index.ts';
import { forWebgpu } from '../../src/engine/webgpu.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 120 });

test('property: no split has more than seven parts, and all parts are as they were', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (parts) => {
      const whole = parts.reduce((sum, size) => sum + size, 0);
      const wide = trace(
        ({ x }) => Object.fromEntries(tf.split(x!, parts).map((part, at) => [`part${at}`, tf.add(part, 1)])),
        { x: { shape: [whole], dtype: 'float32' } },
      );
      const graph = forWebgpu(wide);
      const splits = graph.nodes.filter(({ op }) => op === 'Split');
      assert.ok(splits.every(({ outputs }) => outputs.length <= 7));
      if (parts.length <= 7) assert.deepEqual(graph, wide);
      const program = await openSession(graph, { threads: 1 });
      const results = await program.run({ x: Float32Array.from({ length: whole }, (_, at) => at) });
      let next = 1;
      for (const [at, size] of parts.entries()) {
        assert.deepEqual(
          [...results[`part${at}`]!],
          Array.from({ length: size }, () => next++),
        );
      }
      await program.dispose();
    }),
    { numRuns: 25 },
  );
});

test('a disjunction and a sum of many need no operator that the provider lacks', async () => {
  const graph = trace(
    ({ a, b }) => ({
      either: tf.cast(tf.logicalOr(tf.greater(a!, 0), tf.greater(b!, 0)), 'float32'),
      sum: tf.addN([a!, tf.mul(a!, 10), tf.mul(a!, 100)]),
    }),
    { a: { shape: [2, 1], dtype: 'float32' }, b: { shape: [1, 2], dtype: 'float32' } },
  );
  const rewritten = forWebgpu(graph);
  const kinds = (of: typeof graph) => new Set(of.nodes.map(({ op }) => op));
  assert.ok(kinds(graph).has('Or') && kinds(graph).has('Sum'));
  assert.ok(!kinds(rewritten).has('Or') && !kinds(rewritten).has('Sum'));
  const program = await openSession(rewritten, { threads: 1 });
  const results = await program.run({ a: Float32Array.of(0, 1), b: Float32Array.of(0, 2) });
  assert.deepEqual([...results.either!], [0, 1, 1, 1]);
  assert.deepEqual([...results.sum!], [0, 111]);
  await program.dispose();
});
