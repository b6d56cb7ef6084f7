/** Gates: annealing, compensation and bounds, with numbers worked out by hand. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compile, eager } from '../../src/engine/index.ts';
import { compensate, gates, sparsity } from '../../src/plugin/gate.ts';
import { gateScaleAt } from '../../src/train/schedule.ts';

const near = (actual: number, expected: number, tolerance = 1e-6) =>
  assert.ok(
    Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual}, not ${expected}`,
  );

test('the scale goes linearly from 1/s_max at the first step to s_max at the last', () => {
  // s_max 400, 5 steps: 0.0025 + k · (399.9975 / 4)
  const expected = [0.0025, 100.001875, 200.00125, 300.000625, 400];
  for (const [at, s] of expected.entries()) near(gateScaleAt(at + 1, 5, 400), s, 1e-12);
  assert.equal(gateScaleAt(1, 1, 400), 400);
});

const compensation = {
  specs: {
    g: { shape: [4], dtype: 'float32' },
    e: { shape: [4], dtype: 'float32' },
    s: { shape: [], dtype: 'float32' },
  } as const,
  fn: ({ g, e, s }: Readonly<Record<string, tf.Tensor>>) => ({ y: compensate(g!, e!, s!, 400) }),
};

test('compensation: g · (s_max/s) · (cosh(clamp(s·e, ±50)) + 1) / (cosh(e) + 1)', async () => {
  const program = await compile(compensation.fn, compensation.specs);
  const run = async (e: number[], s: number) => {
    const feeds = { g: Float32Array.of(1, 1, -2, 0), e: Float32Array.from(e), s: Float32Array.of(s) };
    return (await program.run(feeds)).y as Float32Array;
  };
  // s = 2, e = 0: 200 · 2/2 = 200; e = ±1: cosh 2 + 1 = 4.7621957, cosh 1 + 1 = 2.5430806, ratio 1.8726091
  const soft = await run([0, 1, -1, 1], 2);
  for (const [at, value] of [200, 374.52181, -749.04362, 0].entries()) near(soft[at]!, value, 1e-5);
  // s = 400, e = 6: s·e = 2400 is clamped to 50; (cosh 50 + 1) / (cosh 6 + 1) = 2.5923527e21 / 202.71564
  const hard = await run([6, -6, 0, 6], 400);
  for (const [at, value] of [1.2788124e19, 1.2788124e19, -2, 0].entries()) near(hard[at]!, value, 1e-5);
  // s = 1/400: the factor is 400² times nearly 2 / (cosh 1 + 1)
  const first = await run([1, 0, 0, 0], 1 / 400);
  near(first[0]!, 160_000 * (2.000003125 / 2.5430806), 1e-5);
  await program.dispose();
});

test('gates: half at e = 0, and at s_max as good as binary', async () => {
  const plugin = { hidden: 2, layers: 1, widths: { attention: 1, ffn: 1 }, placement: 'sequential' } as const;
  const specs = Object.fromEntries(
    ['attention', 'ffn'].flatMap((site) => [
      [`cpt.layer.0.${site}.e1`, { shape: [1], dtype: 'float32' as const }],
      [`cpt.layer.0.${site}.e2`, { shape: [2], dtype: 'float32' as const }],
    ]),
  );
  const program = await eager((feeds) => gates(plugin, feeds, feeds.s!), {
    ...specs,
    s: { shape: [], dtype: 'float32' },
  });
  const feeds = {
    'cpt.layer.0.attention.e1': Float32Array.of(0),
    'cpt.layer.0.attention.e2': Float32Array.of(0.1, -0.1),
    'cpt.layer.0.ffn.e1': Float32Array.of(Math.log(3)),
    'cpt.layer.0.ffn.e2': Float32Array.of(6, -6),
  };
  const soft = await program.run({ ...feeds, s: Float32Array.of(1) });
  near(Number(soft['cpt.layer.0.attention.mask1']![0]), 0.5);
  near(Number(soft['cpt.layer.0.ffn.mask1']![0]), 0.75); // 1 / (1 + 1/3)
  const hard = await program.run({ ...feeds, s: Float32Array.of(400) });
  assert.equal(hard['cpt.layer.0.attention.mask1']![0], 0.5);
  for (const [name, values] of [
    ['cpt.layer.0.attention.mask2', [1, 0]],
    ['cpt.layer.0.ffn.mask2', [1, 0]],
  ] as const) {
    for (const [at, value] of values.entries()) near(Number(hard[name]![at]), value, 1e-15);
  }
});

test("sparsity: the share of what is unclaimed that the gates take, each neuron's weight equal", () => {
  const plugin = { hidden: 2, layers: 1, widths: { attention: 2, ffn: 1 }, placement: 'sequential' } as const;
  const value = tf.tidy(() => {
    const vectors = (kind: string, values: Record<string, number[]>) =>
      Object.fromEntries(
        Object.entries(values).map(([end, numbers]) => [
          `cpt.layer.0.${end.replace('?', kind)}`,
          tf.tensor1d(numbers),
        ]),
      );
    const masks = vectors('mask', {
      'attention.?1': [0.5, 1],
      'attention.?2': [0.25, 0.5],
      'ffn.?1': [1],
      'ffn.?2': [0, 0.75],
    });
    const claims = vectors('claim', {
      'attention.?1': [0, 1],
      'attention.?2': [0, 0],
      'ffn.?1': [1],
      'ffn.?2': [1, 0],
    });
    return sparsity(plugin, masks, claims).dataSync()[0]!;
  });
  // unclaimed: 0.5 of attention.1, 0.25 and 0.5 of attention.2, 0.75 of ffn.2: 2 of 4
  near(value, 0.5);
});
