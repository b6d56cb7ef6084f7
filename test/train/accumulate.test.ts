/** A step in parts against the same step in one pass. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenOptions } from '../../src/engine/index.ts';
import { compile } from '../../src/engine/index.ts';
import type { Placement } from '../../src/plugin/config.ts';
import { makeRng } from '../../src/rng.ts';
import { maskBatch } from '../../src/text/mask.ts';
import { openBatchStepper } from '../../src/train/batch-stepper.ts';
import { microBatchFor } from '../../src/train/micro-batch.ts';
import { type BatchShape, batchShape } from '../../src/train/mlm.ts';
import { pretrainStep } from '../../src/train/pretrain-step.ts';
import { type Slot, slotOf } from '../../src/train/slots.ts';
import { type StepDefinition, Stepper, stepFunction, stepSpecs } from '../../src/train/step.ts';
import { isEmbedding, taskStep } from '../../src/train/task-step.ts';
import { baseValues, baseWeights, claimFeeds, config, pluginConfig, pluginSlots } from './small.ts';

const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 4 };
const LENGTH = 9;
const BATCH = 7;
const STEPS = 4;
const S = Float32Array.of(1.5);

/** Seven blocks, the last of them mostly padding. */
function blocks(step: number): Int32Array[] {
  const rng = makeRng(`blocks-${step}`);
  return Array.from({ length: BATCH }, (_, row) =>
    Int32Array.from({ length: LENGTH }, (_, at) => {
      if (at === 0) return special.bos;
      return row === BATCH - 1 && at > 2 ? special.pad : 5 + rng.int(config.vocabSize - 5);
    }),
  );
}

interface Ended {
  readonly slots: Readonly<Record<string, Slot>>;
  readonly losses: readonly number[];
  readonly norms: readonly number[];
  readonly passes: number;
  readonly microBatch: number;
}

async function trained(
  definitionOf: (shape: BatchShape) => StepDefinition,
  slots: Record<string, Slot>,
  microBatch: number,
  on: OpenOptions = { threads: 1 },
): Promise<Ended> {
  const shape = batchShape(BATCH, LENGTH, 0.3);
  const options = { shape, microBatch, rate: 0.3, pad: special.pad };
  const stepper = await openBatchStepper(definitionOf, slots, options, on);
  const losses: number[] = [];
  const norms: number[] = [];
  let passes = 0;
  for (let step = 1; step <= STEPS; step++) {
    const masking = { vocabSize: config.vocabSize, special, positions: shape.positions, rate: 0.3 };
    const batch = maskBatch(blocks(step), masking, makeRng(`mask-${step}`));
    const extra = { ...claimFeeds(pluginConfig('parallel')), s: S };
    const result = await stepper.run(batch, extra, step, 1e-3, () => {
      passes += 1;
    });
    losses.push(result.loss);
    norms.push(result.gradientNorm);
  }
  const ended = {
    slots: structuredClone(await stepper.fetch()),
    losses,
    norms,
    passes,
    microBatch: stepper.microBatch,
  };
  await stepper.dispose();
  return ended;
}

function close(actual: number, wanted: number, tolerance: number, what: string): void {
  assert.ok(Math.abs(actual - wanted) <= tolerance, `${what}: ${actual}, not ${wanted}`);
}

/** Adam divides by the root of the second moment: where that is rounding alone, so is the direction of the change. */
function alike(parts: Ended, whole: Ended): void {
  for (const [at, loss] of whole.losses.entries()) {
    close(parts.losses[at]!, loss, 2e-6 * loss, `loss of step ${at + 1}`);
    close(parts.norms[at]!, whole.norms[at]!, 1e-4 * whole.norms[at]!, `norm of step ${at + 1}`);
  }
  let compared = 0;
  for (const [name, slot] of Object.entries(whole.slots)) {
    const largest = slot.first.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    for (const [at, first] of slot.first.entries()) {
      close(parts.slots[name]!.first[at]!, first, 1e-4 * largest + 1e-8, `first moment of ${name}[${at}]`);
      if (Math.abs(first) < Math.max(1e-2 * largest, 1e-6)) continue;
      close(parts.slots[name]!.value[at]!, slot.value[at]!, 2e-5, `${name}[${at}]`);
      compared += 1;
    }
  }
  assert.ok(compared > 200, `${compared} values moved enough to be compared`);
}

for (const [placement, sparsity] of [
  ['parallel', 0],
  ['sequential', 0.5],
] as const) {
  const definitionOf = (of: Placement) => (shape: BatchShape) =>
    taskStep(config, pluginConfig(of), shape, baseWeights(), { sMax: 400, sparsity, clip: 0.5 });
  const slots = () => pluginSlots(pluginConfig(placement));

  test(`${placement}, sparsity ${sparsity}: any parts train what the whole batch does, within rounding`, async () => {
    const whole = await trained(definitionOf(placement), slots(), BATCH);
    assert.equal(whole.passes, STEPS);
    assert.ok(
      whole.norms.every((norm) => norm > 0.5),
      'clipping is at work',
    );
    for (const [microBatch, blocks, passes] of [
      [1, 1, 7],
      [2, 2, 4],
      [3, 3, 3], // 3, 3 and 1, filled up
      [5, 4, 2], // two equal parts, not five and two
    ] as const) {
      const parts = await trained(definitionOf(placement), slots(), microBatch);
      assert.equal(parts.microBatch, blocks);
      // a part in which nothing is masked needs no pass
      assert.ok(
        parts.passes <= STEPS * passes && parts.passes > STEPS * (passes - 2),
        `${parts.passes} passes`,
      );
      alike(parts, whole);
    }
  });

  test(`${placement}, sparsity ${sparsity}: sums and parameters may stay on a device`, async () => {
    const whole = await trained(definitionOf(placement), slots(), BATCH);
    const parts = await trained(definitionOf(placement), slots(), 3, { device: 'tfjs', backend: 'cpu' });
    alike(parts, whole);
  });

  test(`${placement}, sparsity ${sparsity}: what is claimed keeps its bits, in parts too`, async () => {
    const { slots: after } = await trained(definitionOf(placement), slots(), 2);
    let kept = 0;
    let moved = 0;
    for (const [name, { value }] of Object.entries(slots())) {
      if (isEmbedding(name)) continue;
      const [plugin, part] = [
        name.slice(0, name.lastIndexOf('.fc')),
        name.slice(name.lastIndexOf('.fc') + 1),
      ];
      const claims = claimFeeds(pluginConfig(placement));
      const [claim1, claim2] = [claims[`${plugin}.claim1`]!, claims[`${plugin}.claim2`]!];
      const width = part === 'fc1.weight' ? value.length / claim1.length : claim1.length;
      const claimed = (at: number): boolean => {
        const row = Math.floor(at / width);
        if (part === 'fc1.weight') return claim1[row] === 1;
        if (part === 'fc1.bias') return claim1[at] === 1;
        if (part === 'fc2.weight') return claim2[row] === 1 && claim1[at % width] === 1;
        return claim2[at] === 1;
      };
      const bits = (values: Float32Array) => new Uint32Array(values.buffer, values.byteOffset, values.length);
      const [old, now] = [bits(value), bits(after[name]!.value)];
      for (const [at, bit] of old.entries()) {
        if (claimed(at)) assert.equal(now[at], bit, `${name}[${at}]`);
        kept += claimed(at) ? 1 : 0;
      }
      moved += now.filter((bit, at) => bit !== old[at]).length;
    }
    assert.ok(kept > 100 && moved > 100, `${kept} kept, ${moved} moved`);
  });
}

test('pre-training in parts, with weight decay', async () => {
  const slots = () =>
    Object.fromEntries(Object.entries(baseValues()).map(([name, value]) => [name, slotOf(value)]));
  const definitionOf = (shape: BatchShape) => pretrainStep(config, shape);
  alike(await trained(definitionOf, slots(), 3), await trained(definitionOf, slots(), BATCH));
});

test('a batch in one pass is the same program as before there were parts', async () => {
  const shape = batchShape(BATCH, LENGTH, 0.3);
  const definition = taskStep(config, pluginConfig('parallel'), shape, baseWeights());
  const direct = await Stepper.compile(definition, pluginSlots(pluginConfig('parallel')), { threads: 1 });
  const plain = await compile(stepFunction(definition), stepSpecs(definition), {
    weights: definition.weights,
  });
  assert.deepEqual(direct.program.graph, plain.graph);
  const { slots } = await trained(() => definition, pluginSlots(pluginConfig('parallel')), BATCH);
  for (let step = 1; step <= STEPS; step++) {
    const masking = { vocabSize: config.vocabSize, special, positions: shape.positions, rate: 0.3 };
    const { inputIds: ids, ...rest } = maskBatch(blocks(step), masking, makeRng(`mask-${step}`));
    await direct.run({ ids, ...rest, ...claimFeeds(pluginConfig('parallel')), s: S }, step, 1e-3);
  }
  assert.deepEqual(slots, direct.slots);
  await Promise.all([direct.dispose(), plain.dispose()]);
});

test('a loss that is not finite in one of the parts is refused, and the parameters stay', async () => {
  const definitionOf = (shape: BatchShape): StepDefinition => {
    const definition = taskStep(config, pluginConfig('parallel'), shape, baseWeights());
    return { ...definition, weights: { ...definition.weights } };
  };
  const shape = batchShape(BATCH, LENGTH, 0.3);
  const options = { shape, microBatch: 2, rate: 0.3, pad: special.pad };
  const slots = pluginSlots(pluginConfig('parallel'));
  slots['cpt.layer.0.ffn.fc1.bias']!.value[0] = Number.POSITIVE_INFINITY;
  const before = structuredClone(slots);
  const stepper = await openBatchStepper(definitionOf, slots, options, { threads: 1 });
  const masking = { vocabSize: config.vocabSize, special, positions: shape.positions, rate: 0.3 };
  const batch = maskBatch(blocks(1), masking, makeRng('mask'));
  const extra = { ...claimFeeds(pluginConfig('parallel')), s: S };
  await assert.rejects(stepper.run(batch, extra, 9, 1e-3), { code: 'CPT_DIVERGED', message: /at step 9/ });
  assert.deepEqual(await stepper.fetch(), before);
  await stepper.dispose();
});

test('where nothing is set, a pass is bounded by what it keeps, in equal parts', () => {
  const roberta = { ...config, vocabSize: 50_265, hidden: 768, layers: 12, heads: 12, intermediate: 3072 };
  const at = (batch: number, length: number, microBatch = 0) =>
    microBatchFor(roberta, { batch, length, microBatch });
  const chosen = at(48, 164);
  assert.ok(chosen > 4 && chosen < 48, String(chosen));
  assert.equal(chosen, Math.ceil(48 / Math.ceil(48 / chosen)), 'parts are equal but for the last');
  assert.equal(at(1, 512), 1);
  assert.ok(at(48, 512) < chosen);
  assert.equal(at(48, 164, 7), 7);
  assert.equal(at(4, 164, 7), 4);
  assert.equal(microBatchFor(config, { batch: 48, length: 9, microBatch: 0 }), 48);
});
