/** The compiled step: gradients against finite differences, Adam, clipping, clamping, and that equal runs are equal. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compile, eager, type FeedSpec, type Results } from '../../src/engine/index.ts';
import { CptError } from '../../src/errors.ts';
import type { Placement } from '../../src/plugin/config.ts';
import { pretrainStep } from '../../src/train/pretrain-step.ts';
import { type StepDefinition, Stepper, slotOf, stepFunction, stepSpecs } from '../../src/train/step.ts';
import { isEmbedding, taskStep } from '../../src/train/task-step.ts';
import {
  baseValues,
  baseWeights,
  batch,
  claimFeeds,
  config,
  noise,
  pluginConfig,
  pluginSlots,
  shape,
} from './small.ts';

const S = Float32Array.of(1.5);
const definitionOf = (placement: Placement, sparsity = 0): StepDefinition =>
  taskStep(config, pluginConfig(placement), shape, baseWeights(), { sMax: 400, sparsity, clip: 1 });

for (const [placement, sparsity] of [
  ['sequential', 0],
  ['parallel', 0],
  ['sequential', 0.5],
] as const) {
  test(`${placement}, sparsity ${sparsity}: gradients agree with finite differences of the loss`, async () => {
    const plugin = pluginConfig(placement);
    const { adjust: _, ...plain } = definitionOf(placement, sparsity); // without HAT's compensation
    const stepper = await Stepper.compile({ ...plain, clip: 1e9 }, pluginSlots(plugin), { threads: 1 });
    const specs: Record<string, FeedSpec> = { ...plain.feeds };
    for (const [name, of] of Object.entries(plain.params)) specs[name] = { shape: of, dtype: 'float32' };
    const loss = await compile((feeds, weights) => ({ loss: plain.loss(feeds, feeds, weights) }), specs, {
      weights: plain.weights,
      threads: 1,
    });
    const feeds = { ...batch(), ...claimFeeds(plugin), s: S };
    const values = Object.fromEntries(
      Object.entries(pluginSlots(plugin)).map(([name, { value }]) => [name, value]),
    );
    await stepper.run(feeds, 1, 1e-3);
    const H = 2e-3;
    for (const name of Object.keys(plain.params)) {
      const gradient = stepper.slots[name]!.first.map((value) => 10 * value);
      const direction = noise(`direction ${name}`, gradient.length);
      const along = gradient.reduce((sum, value, at) => sum + value * direction[at]!, 0);
      const at = async (h: number) => {
        const moved = values[name]!.map((value, index) => value + h * direction[index]!);
        return Number((await loss.run({ ...feeds, ...values, [name]: moved })).loss![0]);
      };
      const numeric = ((await at(H)) - (await at(-H))) / (2 * H);
      assert.ok(
        Math.abs(along - numeric) < 4e-4 + 0.02 * Math.abs(numeric),
        `${name}: ${along}, not ${numeric}`,
      );
    }
    await stepper.dispose();
    await loss.dispose();
  });
}

test('the same step runs eagerly on a tfjs backend, with the same result', async () => {
  const plugin = pluginConfig('sequential');
  const definition = definitionOf('sequential');
  const options = { weights: definition.weights };
  const programs = [
    await compile(stepFunction(definition), stepSpecs(definition), { ...options, threads: 1 }),
    await eager(stepFunction(definition), stepSpecs(definition), options),
  ];
  const feeds: Record<string, Float32Array | Int32Array> = { ...batch(), ...claimFeeds(plugin), s: S };
  for (const name of ['learningRate', 'correction1', 'correction2']) feeds[name] = Float32Array.of(0.5);
  for (const [name, slot] of Object.entries(pluginSlots(plugin))) {
    for (const kind of ['value', 'first', 'second'] as const) feeds[`${kind}:${name}`] = slot[kind];
  }
  const [compiled, direct] = (await Promise.all(programs.map((program) => program.run(feeds)))) as Results[];
  assert.deepEqual(Object.keys(compiled!).sort(), Object.keys(direct!).sort());
  for (const [name, values] of Object.entries(direct!)) {
    const numbers = Array.from(values as Float32Array);
    const largest = Math.max(...numbers.map(Math.abs));
    for (const [at, value] of numbers.entries()) {
      const off = Math.abs(Number(compiled![name]![at]) - value);
      assert.ok(off <= 1e-4 * largest + 1e-9, `${name}[${at}]: ${compiled![name]![at]}, not ${value}`);
    }
  }
  await programs[0]!.dispose();
});

test('equal seeds give equal bytes: two steppers, five steps, every slot', async () => {
  for (const [definition, slots] of [
    [definitionOf('sequential'), () => pluginSlots(pluginConfig('sequential'))],
    [
      pretrainStep(config, shape),
      () => Object.fromEntries(Object.entries(baseValues()).map(([name, value]) => [name, slotOf(value)])),
    ],
  ] as const) {
    const ends = [];
    for (let repeat = 0; repeat < 2; repeat++) {
      const stepper = await Stepper.compile(definition, slots(), { threads: 2 });
      const feeds = { ...batch(), ...claimFeeds(pluginConfig('sequential')), s: S };
      const losses = [];
      for (let step = 1; step <= 5; step++) losses.push((await stepper.run(feeds, step, 1e-2)).loss);
      assert.ok(losses[4]! < losses[0]!, 'it learns');
      ends.push(
        Object.entries(stepper.slots).map(([name, slot]) => [
          name,
          Buffer.from(slot.value.buffer).toString('hex'),
          Buffer.from(slot.second.buffer).toString('hex'),
        ]),
      );
      await stepper.dispose();
    }
    assert.deepEqual(ends[0], ends[1]);
  }
});

test('task embeddings stay within ±6', async () => {
  const stepper = await Stepper.compile(definitionOf('sequential'), pluginSlots(pluginConfig('sequential')), {
    threads: 1,
  });
  const feeds = { ...batch(), ...claimFeeds(pluginConfig('sequential')), s: S };
  await stepper.run(feeds, 1, 100);
  const reached = Object.entries(stepper.slots)
    .filter(([name]) => isEmbedding(name))
    .flatMap(([, { value }]) => [...value]);
  assert.ok(reached.every((e) => Math.abs(e) <= 6));
  assert.ok(reached.some((e) => e === 6) && reached.some((e) => e === -6));
  await stepper.dispose();
});

test('decoupled weight decay and clipping, by hand', async () => {
  // loss = 3 a + 4 b: norm 5, clipped to 1 by 1/5; Adam's first change is rate · (sign(g) + decay · value)
  const definition: StepDefinition = {
    params: { a: [1], b: [1] },
    feeds: {},
    weights: {},
    loss: ({ a, b }) => tf.sum(tf.add(tf.mul(a!, 3), tf.mul(b!, 4))),
    clip: 1,
    decay: (name) => (name === 'a' ? 0.5 : 0),
  };
  const stepper = await Stepper.compile(definition, {
    a: slotOf(Float32Array.of(2)),
    b: slotOf(Float32Array.of(2)),
  });
  const { loss, gradientNorm } = await stepper.run({}, 1, 0.1);
  assert.equal(loss, 14);
  assert.ok(Math.abs(gradientNorm - 5) < 1e-6);
  const { a, b } = stepper.slots;
  assert.ok(Math.abs(a!.first[0]! - 0.06) < 1e-7 && Math.abs(b!.first[0]! - 0.08) < 1e-7);
  assert.ok(Math.abs(a!.second[0]! - 0.00036) < 1e-9 && Math.abs(b!.second[0]! - 0.00064) < 1e-9);
  assert.ok(Math.abs(a!.value[0]! - (2 - 0.1 * (1 + 0.5 * 2))) < 1e-6);
  assert.ok(Math.abs(b!.value[0]! - 1.9) < 1e-6);
  await stepper.dispose();
});

test('a loss that is not finite is refused and leaves the parameters as they were', async () => {
  const definition: StepDefinition = {
    params: { a: [2] },
    feeds: { x: { shape: [], dtype: 'float32' } },
    weights: {},
    loss: ({ a }, { x }) => tf.sum(tf.mul(a!, x!)),
    clip: 1,
    decay: () => 0,
  };
  const stepper = await Stepper.compile(definition, { a: slotOf(Float32Array.of(1, -2)) });
  const before = structuredClone(stepper.slots);
  await assert.rejects(
    stepper.run({ x: Float32Array.of(Number.NaN) }, 7, 0.1),
    (error) =>
      error instanceof CptError && error.code === 'CPT_DIVERGED' && /NaN at step 7/.test(error.message),
  );
  assert.deepEqual(stepper.slots, before);
  await stepper.dispose();
});

test('a gradient that overflows while the loss is finite is refused too', async () => {
  const definition: StepDefinition = {
    params: { a: [1] },
    feeds: {},
    weights: {},
    loss: ({ a }) => tf.sum(tf.sqrt(a!)), // at 0 its gradient is infinite
    clip: 1,
    decay: () => 0,
  };
  const stepper = await Stepper.compile(definition, { a: slotOf(Float32Array.of(0)) });
  await assert.rejects(
    stepper.run({}, 3, 0.1),
    (error) =>
      error instanceof CptError && error.code === 'CPT_DIVERGED' && /norm .* at step 3/.test(error.message),
  );
  assert.equal(stepper.slots.a!.value[0], 0);
  await stepper.dispose();
});

test('the step runs kernel by kernel on a tfjs backend as well, with equal losses', async () => {
  const definition = definitionOf('parallel');
  const plugin = pluginConfig('parallel');
  const losses: number[][] = [];
  for (const options of [{ threads: 1 }, { device: 'tfjs', backend: 'cpu' }] as const) {
    const stepper = await Stepper.compile(definition, pluginSlots(plugin), options);
    const own: number[] = [];
    for (let step = 1; step <= 5; step++) {
      const feeds = { ...batch(), ...claimFeeds(plugin), s: S };
      own.push((await stepper.run(feeds, step, 1e-2)).loss);
    }
    losses.push(own);
    await stepper.dispose();
  }
  const [compiled, eagerly] = losses as [number[], number[]];
  assert.ok(compiled.at(-1)! < compiled[0]! - 0.01);
  for (const [at, loss] of compiled.entries())
    assert.ok(Math.abs(loss - eagerly[at]!) < 1e-4, `step ${at + 1}`);
});
