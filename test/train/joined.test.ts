import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compile, type Tensors } from '../../src/engine/index.ts';
import { joined, parted } from '../../src/train/joined.ts';

const doubled = (names: readonly string[], t: Tensors) =>
  Object.fromEntries(
    Object.entries(parted(names, tf.mul(joined(names, t), 2), t)).map(([name, value]) => [
      `2 ${name}`,
      value,
    ]),
  );

test('joined, changed as one, and parted again: each tensor in its own shape', async () => {
  const specs = { a: { shape: [2], dtype: 'float32' }, b: { shape: [], dtype: 'float32' }, c: { shape: [1, 2], dtype: 'float32' } } as const; // biome-ignore format: one idea
  const feeds = { a: Float32Array.of(1, 2), b: Float32Array.of(3), c: Float32Array.of(4, 5) };
  for (const names of [['a', 'b', 'c'], ['c', 'a'], ['c']] as ('a' | 'b' | 'c')[][]) {
    const program = await compile((t) => doubled(names, t), specs);
    const shapes = Object.fromEntries(program.graph.outputs.map(({ name, shape }) => [name.slice(2), shape]));
    assert.deepEqual(shapes, Object.fromEntries(names.map((name) => [name, [...specs[name].shape]])));
    const results = await program.run(feeds);
    for (const name of names)
      assert.deepEqual(
        [...results[`2 ${name}`]!],
        [...feeds[name]].map((value) => 2 * value),
      );
    await program.dispose();
  }
});
