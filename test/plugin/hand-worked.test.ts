/**
 * One step of one plugin with every number worked out by hand: two inputs, two neurons in each layer, s = 2,
 * s_max = 4, claims on the first neuron of both layers.
 *
 * x = [1, 2], e1 = e2 = [0, ln(3)/2], so both masks are sigma([0, ln 3]) = [1/2, 3/4].
 *
 *   fc1 x = [[1, 1], [-1, 1]] · x + [0, 1] = [3, 2]          ReLU [3, 2]   ⊙ m1 → h1 = [3/2, 3/2]
 *   fc2 h1 = [[1, 1], [1, -1]] · h1 + [0, -1] = [3, -1]      ReLU [3, 0]   ⊙ m2 → h2 = [3/2, 0]
 *   plugin(x) = x + h2 = [5/2, 2],  loss = their sum = 9/2
 *
 * Backwards, dloss/dh2 = [1, 1]:
 *   dm2 = [3, 0]              de2 = dm2 · m2 (1 - m2) · s = [3 · 1/4 · 2, 0] = [3/2, 0]
 *   dfc2 = [1, 1] ⊙ m2, through the ReLU: [1/2, 0]          dW2 = [[3/4, 3/4], [0, 0]], db2 = [1/2, 0]
 *   dh1 = W2ᵀ [1/2, 0] = [1/2, 1/2]
 *   dm1 = [3/2, 1]            de1 = [3/2 · 1/4 · 2, 1 · 3/16 · 2] = [3/4, 3/8]
 *   dfc1 = [1/2, 1/2] ⊙ m1 = [1/4, 3/8]                      dW1 = [[1/4, 1/2], [3/8, 3/4]], db1 = [1/4, 3/8]
 *
 * Compensation, s_max/s = 2: at e = 0 the ratio of the coshes is 1; at e = ln(3)/2, s·e = ln 3:
 *   (cosh(ln 3) + 1) / (cosh(ln(3)/2) + 1) = (5/3 + 1) / (2/√3 + 1) = 1.2376043
 *   de1 → [3/2, 3/8 · 2 · 1.2376043] = [1.5, 0.92820323],  de2 → [3, 0]
 *
 * Norm: 2.25 + 0.86156124 + 9 (embeddings) + 1.125 + 0.25 (fc2) + 1.015625 + 0.203125 (fc1) = 14.70531124,
 * √ = 3.8347505. Clipped to 1: the factor is 0.26077316.
 *
 * Adam's first step, rate 0.01: first = g/10, second = g²/1000; the change is 0.01 · g/(|g| + 10⁻⁸), that is ±0.01
 * where there is a gradient. Row 0 of fc1, fc2.W[0, 0] and the biases at 0 have both ends claimed and stay.
 */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { neuronShapes, type PluginConfig, pluginShapes } from '../../src/plugin/config.ts';
import { compensate, gates } from '../../src/plugin/gate.ts';
import { pluginPlug, softly } from '../../src/plugin/plugin.ts';
import { protect } from '../../src/plugin/protect.ts';
import { type StepDefinition, Stepper, slotOf } from '../../src/train/step.ts';
import { isEmbedding } from '../../src/train/task-step.ts';

const plugin: PluginConfig = {
  hidden: 2,
  layers: 1,
  widths: { attention: 2, ffn: 2 },
  placement: 'sequential',
};
const half = Math.log(3) / 2;
const start: Record<string, number[]> = {
  'fc1.weight': [1, 1, -1, 1],
  'fc1.bias': [0, 1],
  'fc2.weight': [1, 1, 1, -1],
  'fc2.bias': [0, -1],
  e1: [0, half],
  e2: [0, half],
};

const definition: StepDefinition = {
  params: { ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') },
  feeds: {
    x: { shape: [1, 2], dtype: 'float32' },
    s: { shape: [], dtype: 'float32' },
    ...Object.fromEntries(
      Object.entries(neuronShapes(plugin, 'claim')).map(([name, shape]) => [
        name,
        { shape, dtype: 'float32' },
      ]),
    ),
  },
  weights: {},
  loss: (params, { x, s }) => {
    const plug = pluginPlug(plugin, params, gates(plugin, params, s!), softly);
    const unused = tf.mul(tf.sum(plug(0, 'ffn', x!, x!)), 0); // the second site takes no part
    return tf.add(tf.sum(plug(0, 'attention', x!, x!)), unused);
  },
  adjust: (gradients, params, { s }) =>
    Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [
        name,
        isEmbedding(name) ? compensate(gradient, params[name]!, s!, 4) : gradient,
      ]),
    ),
  settle: (name, old, change, feeds) =>
    isEmbedding(name)
      ? tf.clipByValue(tf.sub(old, change), -6, 6)
      : tf.sub(old, protect(name, change, feeds)),
  clip: 1,
  decay: () => 0,
};

test('one plugin step, all numbers by hand', async () => {
  const slots = Object.fromEntries(
    Object.entries(definition.params).map(([name]) => {
      const part = Object.keys(start).find((end) => name.endsWith(end))!;
      return [name, slotOf(Float32Array.from(start[part]!))];
    }),
  );
  const stepper = await Stepper.compile(definition, slots, { threads: 1 });
  const claims = Object.fromEntries(
    Object.keys(neuronShapes(plugin, 'claim')).map((name) => [name, Float32Array.of(1, 0)]),
  );
  const feeds = { x: Float32Array.of(1, 2), s: Float32Array.of(2), ...claims };
  const { loss, gradientNorm } = await stepper.run(feeds, 1, 0.01);

  near('loss', [loss], [4.5]);
  near('norm', [gradientNorm], [3.8347505]);
  const gradients: Record<string, number[]> = {
    'fc1.weight': [0.25, 0.5, 0.375, 0.75],
    'fc1.bias': [0.25, 0.375],
    'fc2.weight': [0.75, 0.75, 0, 0],
    'fc2.bias': [0.5, 0],
    e1: [1.5, 0.92820323],
    e2: [3, 0],
  };
  const values: Record<string, number[]> = {
    'fc1.weight': [1, 1, -1.01, 0.99], // the first neuron's row is claimed
    'fc1.bias': [0, 0.99],
    'fc2.weight': [1, 0.99, 1, -1], // [0, 0] is claimed; the second row has no gradient
    'fc2.bias': [0, -1],
    e1: [-0.01, half - 0.01],
    e2: [-0.01, half],
  };
  const factor = 0.26077316;
  for (const [part, gradient] of Object.entries(gradients)) {
    const { value, first, second } = stepper.slots[`cpt.layer.0.attention.${part}`]!;
    near(`first moment of ${part}`, first, gradient.map((g) => (g * factor) / 10)); // biome-ignore format: one line each
    near(`second moment of ${part}`, second, gradient.map((g) => (g * factor) ** 2 / 1000)); // biome-ignore format: one line each
    near(`value of ${part}`, value, values[part]!);
  }
  await stepper.dispose();
});

function near(what: string, actual: ArrayLike<number>, expected: readonly number[]): void {
  for (const [at, value] of expected.entries()) {
    assert.ok(Math.abs(actual[at]! - value) <= 2e-6 * Math.max(0.1, Math.abs(value)), `${what}[${at}]: ${actual[at]}, not ${value}`); // biome-ignore format: one idea
  }
}
