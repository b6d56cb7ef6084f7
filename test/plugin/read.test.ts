/** By hand: two versions on one plugin of four outputs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PluginConfig } from '../../src/plugin/config.ts';
import type { Kept } from '../../src/plugin/kept.ts';
import { onlyRead, readersOf } from '../../src/plugin/read.ts';
import type { Written } from '../../src/plugin/written.ts';

const config: PluginConfig = {
  hidden: 4,
  layers: 1,
  widths: { attention: 2, ffn: 2 },
  placement: 'parallel',
};
const [A, F] = ['cpt.layer.0.attention', 'cpt.layer.0.ffn'] as const;
const nothing = { index1: Uint32Array.of(), index2: Uint32Array.of() };
const keeps = (index1: number[], index2: number[]): Kept => ({
  [A]: { index1: Uint32Array.from(index1), index2: Uint32Array.from(index2) },
  [F]: nothing,
});
/** Neuron n has n in fc1 and bias, 10 n + j for output j; output j has bias j + 1. */
const wrote = (...index: number[]): Written => {
  const rows = {
    index: Uint32Array.from(index),
    fc1: Float32Array.from(index.flatMap((n) => [n, n, n, n])),
    bias: Float32Array.from(index),
    fc2: Float32Array.from(index.flatMap((n) => [0, 1, 2, 3].map((j) => 10 * n + j))),
  };
  const empty = {
    index: Uint32Array.of(),
    fc1: Float32Array.of(),
    bias: Float32Array.of(),
    fc2: Float32Array.of(),
  };
  return {
    [A]: { rows, outputBias: Float32Array.of(1, 2, 3, 4) },
    [F]: { rows: empty, outputBias: new Float32Array(4) },
  };
};

test('a neuron is read with the outputs of the versions that keep it', () => {
  const readers = readersOf(config, [keeps([1, 2], [0, 1]), keeps([2, 5], [3])]);
  assert.deepEqual(readers.outputs(A, 1), Uint8Array.of(1, 1, 0, 0));
  assert.deepEqual(readers.outputs(A, 2), Uint8Array.of(1, 1, 0, 1));
  assert.deepEqual(readers.outputs(A, 5), Uint8Array.of(0, 0, 0, 1));
  assert.equal(readers.outputs(A, 3), null);
  assert.equal(readers.outputs(F, 1), null);
  assert.deepEqual(readers.kept(A), Uint8Array.of(1, 1, 0, 1));
  assert.deepEqual(readers.kept(F), new Uint8Array(4));
});

test('what nobody reads is left out or 0, and all else stays as it was', () => {
  const readers = readersOf(config, [keeps([1, 2], [0, 1]), keeps([2, 5], [3])]);
  const left = onlyRead(config, wrote(1, 2, 3), readers)[A]!;
  assert.deepEqual(left.rows, {
    index: Uint32Array.of(1, 2),
    fc1: Float32Array.of(1, 1, 1, 1, 2, 2, 2, 2),
    bias: Float32Array.of(1, 2),
    fc2: Float32Array.of(10, 11, 0, 0, 20, 21, 0, 23),
  });
  assert.deepEqual(left.outputBias, Float32Array.of(1, 2, 0, 4));
});

test('where everything is read the same object comes back', () => {
  const readers = readersOf(config, [keeps([1, 2, 3], [0, 1, 2, 3])]);
  const all = wrote(1, 2, 3);
  assert.equal(onlyRead(config, all, readers), all);
  const erased = onlyRead(config, all, readersOf(config, []));
  assert.equal(erased[A]!.rows.index.length, 0);
  assert.equal(onlyRead(config, erased, readersOf(config, [])), erased);
});
