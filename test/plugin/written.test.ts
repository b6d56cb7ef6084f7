import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ActiveSet } from '../../src/plugin/active-set.ts';
import type { PluginConfig } from '../../src/plugin/config.ts';
import type { Kept, Uses } from '../../src/plugin/kept.ts';
import { activeWeights, claimFeeds, type NeuronSource } from '../../src/plugin/neurons.ts';
import { written } from '../../src/plugin/written.ts';
import { makeRng } from '../../src/rng.ts';

const config: PluginConfig = {
  hidden: 2,
  layers: 1,
  widths: { attention: 3, ffn: 1 },
  placement: 'parallel',
};
const [A, F] = ['cpt.layer.0.attention', 'cpt.layer.0.ffn'] as const;
/** Neuron 4 is claimed, 2 and 7 are free; output 0 is claimed. */
const active: ActiveSet = {
  neurons: { [A]: Uint32Array.of(2, 4, 7), [F]: Uint32Array.of(0) },
  widths: { [A]: 8, [F]: 1 },
};
const uses: Uses = {
  [A]: { first: Uint32Array.of(0, 1, 0, 0, 3), second: Uint32Array.of(2, 0) },
  [F]: { first: new Uint32Array(0), second: new Uint32Array(2) },
};
const source: NeuronSource = {
  rows(_, index) {
    const from = (base: number) => Float32Array.from([...index].flatMap((n) => [base + n, base + n + 0.5]));
    return { index, fc1: from(10), bias: Float32Array.from(index, (n) => -n), fc2: from(20) };
  },
  outputBias: () => Float32Array.of(0.25, 0.75),
};
const weights = () => activeWeights(config, active, uses, source, makeRng('fresh'));

test('claimed neurons stand on their rows as they are kept, free ones anew, an unclaimed output’s bias at 0', () => {
  const own = weights();
  assert.deepEqual(own[`${A}.fc1.weight`]!.slice(2, 4), Float32Array.of(14, 14.5));
  assert.equal(own[`${A}.fc1.bias`]![1], -4);
  assert.deepEqual([own[`${A}.fc2.weight`]![1], own[`${A}.fc2.weight`]![4]], [24, 24.5]);
  assert.deepEqual(own[`${A}.fc2.bias`], Float32Array.of(0.25, 0));
  assert.ok(own[`${A}.fc1.weight`]!.slice(0, 2).every((value) => value !== 0 && Math.abs(value) < 1));
  assert.deepEqual(own, weights());
});

test('claims as feeds, by row and output', () => {
  assert.deepEqual(claimFeeds(active, uses), {
    [`${A}.claim1`]: Float32Array.of(0, 1, 0),
    [`${A}.claim2`]: Float32Array.of(1, 0),
    [`${F}.claim1`]: Float32Array.of(0),
    [`${F}.claim2`]: Float32Array.of(0, 0),
  });
});

test('what a task keeps is written where it is new or has a changed bit, and nothing else', () => {
  const kept = (attention: number[]): Kept => ({
    [A]: { index1: Uint32Array.from(attention), index2: Uint32Array.of(0, 1) },
    [F]: { index1: new Uint32Array(0), index2: new Uint32Array(0) },
  });
  const own = weights();
  const result = written(config, active, own, kept([4, 7]), uses, source);
  assert.deepEqual(result[A]!.rows.index, Uint32Array.of(7));
  assert.deepEqual(result[A]!.rows.fc1, own[`${A}.fc1.weight`]!.slice(4, 6));
  assert.deepEqual(
    result[A]!.rows.fc2,
    Float32Array.of(own[`${A}.fc2.weight`]![2]!, own[`${A}.fc2.weight`]![5]!),
  );
  assert.equal(result[F]!.rows.index.length, 0);

  own[`${A}.fc2.weight`]![4] = 3; // neuron 4 to output 1, which nobody claims
  const changed = written(config, active, own, kept([4, 7]), uses, source);
  assert.deepEqual(changed[A]!.rows.index, Uint32Array.of(4, 7));
  assert.deepEqual(changed[A]!.rows.fc2.slice(0, 2), Float32Array.of(24, 3));
  assert.deepEqual(written(config, active, own, kept([7]), uses, source)[A]!.rows.index, Uint32Array.of(7));
});

test('a zero that became a negative zero has changed', () => {
  const zeros: NeuronSource = {
    rows: (_, index) => ({
      index,
      fc1: new Float32Array(2 * index.length),
      bias: new Float32Array(index.length),
      fc2: new Float32Array(2 * index.length),
    }),
    outputBias: () => new Float32Array(2),
  };
  const own = activeWeights(config, active, uses, zeros, makeRng('fresh'));
  const kept: Kept = {
    [A]: { index1: Uint32Array.of(4), index2: new Uint32Array(0) },
    [F]: { index1: new Uint32Array(0), index2: new Uint32Array(0) },
  };
  assert.equal(written(config, active, own, kept, uses, zeros)[A]!.rows.index.length, 0);
  own[`${A}.fc1.bias`]![1] = -0;
  assert.equal(written(config, active, own, kept, uses, zeros)[A]!.rows.index.length, 1);
});
