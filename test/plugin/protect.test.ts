/** Protection in the compiled step: the bits of what is claimed never change, whatever the optimiser makes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { neuronShapes, pluginShapes } from '../../src/plugin/config.ts';
import { SlotPair } from '../../src/train/slots.ts';
import { type StepDefinition, Stepper } from '../../src/train/step.ts';
import { isEmbedding, taskStep } from '../../src/train/task-step.ts';
import { baseWeights, batch, config, noise, pluginConfig, pluginSlots, shape } from '../train/small.ts';

const plugin = pluginConfig('sequential');
const shapes = pluginShapes(plugin);

/** Whether both ends of a parameter's entry are claimed. */
function claimed(name: string, at: number, claims: Readonly<Record<string, Float32Array>>): boolean {
  const [owner, part] = name.split('.fc') as [string, string];
  const claim1 = claims[`${owner}.claim1`]!;
  const claim2 = claims[`${owner}.claim2`]!;
  const columns = shapes[name]!.at(-1)!;
  switch (part) {
    case '1.weight':
      return claim1[Math.floor(at / columns)] === 1;
    case '1.bias':
      return claim1[at] === 1;
    case '2.weight':
      return claim2[Math.floor(at / columns)] === 1 && claim1[at % columns] === 1;
    default:
      return claim2[at] === 1;
  }
}

/** Slots as an earlier task would leave them, had it kept its moments; some values have special bits. */
function usedSlots() {
  const slots = pluginSlots(plugin);
  for (const [name, { value, first, second }] of Object.entries(slots)) {
    first.set(noise(`first ${name}`, first.length));
    second.set(noise(`second ${name}`, second.length).map(Math.abs));
    value[0] = -0;
    value[1] = 2 ** -149;
  }
  return slots;
}

const finite = taskStep(config, plugin, shape, baseWeights(), { sMax: 400, sparsity: 0, clip: 1 });
// weight decay, which the task does not use, must not reach a protected weight either
const decaying: StepDefinition = { ...finite, decay: () => 0.3 };
const spoiling: StepDefinition = {
  ...decaying,
  adjust: (gradients) =>
    Object.fromEntries(
      Object.entries(gradients).map(([name, gradient], at) => [
        name,
        tf.fill(gradient.shape, [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][at % 3]!),
      ]),
    ),
};
const steppers = {
  decaying: await Stepper.compile(decaying, {}, { threads: 1 }),
  spoiling: await Stepper.compile(spoiling, {}, { threads: 1 }),
};
test.after(() => Promise.all(Object.values(steppers).map((stepper) => stepper.dispose())));

const claims = fc
  .tuple(fc.integer({ min: 0 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([seed, share]) =>
    Object.fromEntries(
      Object.entries(neuronShapes(plugin, 'claim')).map(([name, [size]]) => [
        name,
        Float32Array.from(noise(`${seed} ${name}`, size!), (value) => ((value + 1) / 2 < share ? 1 : 0)),
      ]),
    ),
  );
const rates = [1e-3, Number.NaN, Number.POSITIVE_INFINITY];

for (const [kind, stepper] of Object.entries(steppers)) {
  test(`a claimed weight keeps its bits (${kind})`, async () => {
    await fc.assert(
      fc.asyncProperty(
        claims,
        fc.constantFrom(...rates),
        fc.constantFrom(0.0025, 400),
        async (claim, rate, s) => {
          const before = usedSlots();
          // the program itself: a stepper would refuse what is not finite
          const slots = new SlotPair(finite.params, usedSlots());
          const { inputs, into } = slots.update(3, rate);
          await stepper.program.run({ ...batch(), ...claim, s: Float32Array.of(s), ...inputs }, into);
          for (const name of Object.keys(shapes)) {
            const old = new Uint32Array(before[name]!.value.buffer);
            const after = slots.next[name]!.value;
            const now = new Uint32Array(after.buffer);
            for (const [at, word] of old.entries()) {
              if (claimed(name, at, claim)) assert.equal(now[at], word, `${name}[${at}]`);
              else if (Number.isNaN(rate)) assert.ok(Number.isNaN(after[at]), `${name}[${at}]`);
            }
          }
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });
}

test('what is not claimed moves, and task embeddings are never protected', async () => {
  const stepper = steppers.decaying;
  const all = Object.entries(neuronShapes(plugin, 'claim'));
  const full = Object.fromEntries(all.map(([name, [size]]) => [name, new Float32Array(size!).fill(1)]));
  const none = Object.fromEntries(all.map(([name, [size]]) => [name, new Float32Array(size!)]));
  const before = usedSlots();
  const moved = (name: string) =>
    stepper.slots[name]!.value.some((value, at) => !Object.is(value, before[name]!.value[at]));
  for (const [claim, weightsMove] of [
    [full, false],
    [none, true],
  ] as const) {
    stepper.load(usedSlots());
    await stepper.run({ ...batch(), ...claim, s: Float32Array.of(1) }, 1, 1e-3);
    for (const name of Object.keys(before)) {
      assert.equal(moved(name), isEmbedding(name) || weightsMove, name);
    }
  }
});
