/** Steps of a task and of pre-training against PyTorch in double precision (reference/make_task_step.py). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { compile } from '../../src/engine/index.ts';
import { neuronShapes, type Placement, pluginShapes } from '../../src/plugin/config.ts';
import { gates } from '../../src/plugin/gate.ts';
import { pluginPlug, softly } from '../../src/plugin/plugin.ts';
import { robertaShapes } from '../../src/roberta/weights.ts';
import { evaluationSums } from '../../src/train/evaluate.ts';
import { mlmSpecs } from '../../src/train/mlm.ts';
import { pretrainStep } from '../../src/train/pretrain-step.ts';
import { gateScaleAt } from '../../src/train/schedule.ts';
import { Stepper, slotOf } from '../../src/train/step.ts';
import { taskStep } from '../../src/train/task-step.ts';
import { assertNear } from './near.ts';
import {
  baseValues,
  baseWeights,
  batch,
  claimFeeds,
  config,
  pluginConfig,
  pluginSlots,
  shape,
} from './small.ts';

type Named = Readonly<Record<string, readonly number[]>>;
interface TaskReference {
  readonly steps: readonly { loss: number; norm: number; logits?: readonly number[]; gradients?: Named }[];
  readonly values: Named;
}
interface Reference {
  readonly sequential: TaskReference;
  readonly parallel: TaskReference;
  readonly pretraining: { readonly loss: number; readonly gradients: Named };
}

const reference = JSON.parse(
  readFileSync(new URL('./reference/task-step.json', import.meta.url), 'utf8'),
) as Reference;
const S_MAX = 8;
const STEPS = 3;
const RATE = 1e-2;

for (const placement of ['sequential', 'parallel'] satisfies Placement[]) {
  const plugin = pluginConfig(placement);
  const expected = reference[placement];

  test(`${placement}: loss, gradients and values over ${STEPS} steps of Adam are PyTorch's`, async () => {
    const options = { sMax: S_MAX, sparsity: 0, clip: 1 };
    const definition = taskStep(config, plugin, shape, baseWeights(), options);
    const stepper = await Stepper.compile(definition, pluginSlots(plugin), { threads: 1 });
    for (const [index, wanted] of expected.steps.entries()) {
      const step = index + 1;
      const s = Float32Array.of(gateScaleAt(step, STEPS, S_MAX));
      const got = await stepper.run({ ...batch(), ...claimFeeds(plugin), s }, step, RATE);
      assertNear(`loss of step ${step}`, [got.loss], [wanted.loss]);
      assertNear(`norm of step ${step}`, [got.gradientNorm], [wanted.norm]);
      if (wanted.gradients === undefined) continue;
      for (const [name, gradient] of Object.entries(wanted.gradients)) {
        // after one step the first moment is (1 - beta1) times the clipped gradient
        const factor = Math.min(1, 1 / wanted.norm);
        const first = stepper.slots[name]!.first;
        assertNear(`gradient of ${name}`, first, gradient.map((value) => 0.1 * factor * value)); // biome-ignore format: one idea
      }
    }
    for (const [name, values] of Object.entries(expected.values)) {
      assertNear(`value of ${name}`, stepper.slots[name]!.value, values);
    }
    await stepper.dispose();
  });

  test(`${placement}: the logits are PyTorch's`, async () => {
    const params = { ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') };
    const specs = { ...mlmSpecs(shape), s: { shape: [], dtype: 'float32' as const } };
    const slots = pluginSlots(plugin);
    const program = await compile(
      (feeds, weights) =>
        evaluationSums(
          config,
          weights,
          feeds,
          pluginPlug(plugin, feeds, gates(plugin, feeds, feeds.s!), softly),
        ),
      { ...specs, ...Object.fromEntries(Object.entries(params).map(([name, of]) => [name, { shape: of, dtype: 'float32' as const }])) }, // biome-ignore format: one idea
      { weights: baseWeights() },
    );
    const values = Object.fromEntries(Object.entries(slots).map(([name, { value }]) => [name, value]));
    const { logits } = await program.run({ ...batch(), ...values, s: Float32Array.of(1 / S_MAX) }, {}, [
      'logits',
    ]);
    assertNear('logits', logits as Float32Array, expected.steps[0]!.logits!);
    await program.dispose();
  });
}

test('the gradients of all weights of the base are those of PyTorch', async () => {
  const definition = { ...pretrainStep(config, shape), clip: 1e9 };
  const slots = Object.fromEntries(
    Object.entries(baseValues()).map(([name, value]) => [name, slotOf(value)]),
  );
  const stepper = await Stepper.compile(definition, slots, { threads: 1 });
  const { loss } = await stepper.run(batch(), 1, RATE);
  assertNear('loss', [loss], [reference.pretraining.loss]);
  const names = Object.keys(robertaShapes(config)).filter((name) => name !== 'lm_head.decoder.bias');
  assert.deepEqual(names.filter((name) => reference.pretraining.gradients[name] === undefined), []); // biome-ignore format: one idea
  for (const name of names) {
    const gradient = reference.pretraining.gradients[name]!;
    const exact = gradient.map((value) => 0.1 * value);
    const largest = Math.max(...exact.map(Math.abs));
    if (largest > 1e-12) assertNear(`gradient of ${name}`, stepper.slots[name]!.first, exact);
    else
      for (const value of stepper.slots[name]!.first)
        assert.ok(Math.abs(value) < 1e-7, `gradient of ${name}`);
  }
  await stepper.dispose();
});
