/** The project's own ops: compiled against composed on the `cpu` backend, and against finite differences. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type * as tf from '@tensorflow/tfjs';
import {
  attention,
  crossEntropy,
  eager,
  gelu,
  keep,
  layerNorm,
  linear,
  relu,
  sumOfSquares,
} from '../../src/engine/index.ts';
import { ops } from '../../src/engine/ops/index.ts';
import { bool, type Case, int, real, shifted, type Value } from './cases.ts';
import { assertClose, bothWays, feedsOf, gradientsOf, specsOf } from './compare.ts';

const hidden: Value = { shape: [2, 1, 1, 3], dtype: 'float32', values: [0, 0, 0, 0, 0, -1e9] };

interface OpCase extends Case {
  /** Inputs that the op does not differentiate by. */
  readonly fixed?: readonly string[];
}

const cases: Record<string, OpCase> = {
  linear: {
    inputs: { x: real(5, 3), weight: shifted(4, 3), bias: real(4) },
    fn: (t) => linear(t.x!, t.weight!, t.bias!),
  },
  layerNorm: {
    inputs: { x: real(4, 6), scale: shifted(6), shift: real(6) },
    fn: (t) => layerNorm(t.x!, t.scale!, t.shift!, 1e-5),
  },
  gelu: { inputs: { x: real(3, 5) }, fn: (t) => gelu(t.x!) },
  attention: {
    inputs: { q: real(6, 4), k: shifted(6, 4), v: real(6, 4), bias: hidden },
    fn: (t) => attention(t.q!, t.k!, t.v!, t.bias!, 2),
    fixed: ['bias'],
  },
  relu: { inputs: { x: real(3, 4) }, fn: (t) => relu(t.x!) },
  sumOfSquares: { inputs: { x: real(3, 4) }, fn: (t) => sumOfSquares(t.x!) },
  keep: {
    inputs: { x: real(2, 3), condition: bool([2, 1], [1, 0]) },
    fn: (t) => keep(t.x!, t.condition!),
  },
  crossEntropy: {
    inputs: { logits: real(4, 5), labels: int([4], [0, 4, 2, 2]) },
    fn: (t) => crossEntropy(t.logits!, t.labels!),
  },
};

test('every op of the list has a case', () => {
  const named = Object.keys(cases).map((name) => `Cpt${name[0]!.toUpperCase()}${name.slice(1)}`);
  assert.deepEqual(ops.map(({ name }) => name).sort(), named.sort());
});

for (const [name, { inputs, fn, fixed = [] }] of Object.entries(cases)) {
  test(`${name}: compiled is composed`, async () => {
    const { compiled, reference } = await bothWays(
      (feeds) => ({ y: fn(feeds) as tf.Tensor }),
      specsOf(inputs),
      feedsOf(inputs),
    );
    assertClose(compiled, reference);
  });

  test(`${name}: the compiled gradient is the composed one, and that of finite differences`, async () => {
    const gradients = gradientsOf(fn, inputs);
    const { compiled, reference } = await bothWays(gradients, specsOf(inputs), feedsOf(inputs));
    assertClose(compiled, reference);
    for (const [input, numeric] of Object.entries(await differences(fn, inputs, fixed))) {
      for (const [at, expected] of numeric.entries()) {
        const got = Number(compiled[`d:${input}`]![at]);
        assert.ok(Math.abs(got - expected) < 4e-3, `d:${input}[${at}]: ${got}, not ${expected}`);
      }
    }
  });
}

test('what attention hides has no influence', async () => {
  const { inputs, fn } = cases.attention!;
  const program = await eager((feeds) => ({ y: fn(feeds) as tf.Tensor }), specsOf(inputs));
  const before = await program.run(feedsOf(inputs));
  const feeds = feedsOf(inputs);
  for (const name of ['k', 'v']) feeds[name]!.fill(9 as never, 5 * 4); // the last key of the second text
  const after = await program.run(feeds);
  assert.deepEqual(after.y!.slice(0), before.y!.slice(0));
});

/** Central differences of the weighted sum that `gradientsOf` differentiates, on the `cpu` backend. */
async function differences(
  fn: Case['fn'],
  inputs: Case['inputs'],
  fixed: readonly string[],
): Promise<Record<string, number[]>> {
  const program = await eager((feeds) => ({ y: fn(feeds) as tf.Tensor }), specsOf(inputs));
  const feeds = feedsOf(inputs);
  const objective = async () => {
    const { y } = await program.run(feeds);
    return Array.from(y as Float32Array).reduce((sum, value, at) => sum + value * ramp(at), 0);
  };
  const result: Record<string, number[]> = {};
  const step = 2 ** -8;
  for (const [name, { dtype }] of Object.entries(inputs)) {
    if (dtype !== 'float32' || fixed.includes(name)) continue;
    const values = feeds[name] as Float32Array;
    result[name] = [];
    for (const [at, value] of values.entries()) {
      values[at] = value + step;
      const up = await objective();
      values[at] = value - step;
      const down = await objective();
      values[at] = value;
      result[name].push((up - down) / (2 * step));
    }
  }
  return result;
}

const ramp = (at: number) => Math.fround(Math.cos(0.9 * at) + 0.3);
