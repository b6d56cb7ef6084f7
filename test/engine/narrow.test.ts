import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { openSession, trace } from '../../src/engine/index.ts';
import { narrow } from '../../src/engine/narrow.ts';

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 120 });

test('property: no split has more than seven parts, and all parts are as they were', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, async (parts) => {
      const whole = parts.reduce((sum, size) => sum + size, 0);
      const wide = trace(
        ({ x }) => Object.fromEntries(tf.split(x!, parts).map((part, at) => [`part${at}`, tf.neg(part)])),
        { x: { shape: [whole], dtype: 'float32' } },
      );
      const graph = narrow(wide);
      const splits = graph.nodes.filter(({ op }) => op === 'Split');
      assert.ok(splits.every(({ outputs }) => outputs.length <= 7));
      if (parts.length <= 7) assert.deepEqual(graph, wide);
      const program = await openSession(graph, { threads: 1 });
      const results = await program.run({ x: Float32Array.from({ length: whole }, (_, at) => at) });
      let next = 0;
      for (const [at, size] of parts.entries()) {
        const expected = Array.from({ length: size }, () => -next++);
        assert.deepEqual(
          [...results[`part${at}`]!].map((value) => value || 0),
          expected.map((value) => value || 0),
        );
      }
      await program.dispose();
    }),
    { numRuns: 25 },
  );
});
