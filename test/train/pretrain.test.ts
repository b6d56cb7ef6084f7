/** Pre-training's loop on the tiny model: rounds, phases, moments, averages, and resuming at any save. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenOptions } from '../../src/engine/index.ts';
import { makeRng } from '../../src/rng.ts';
import { encodeCorpus } from '../../src/text/corpus.ts';
import { type PretrainJob, type PretrainState, pretrain } from '../../src/train/pretrain.ts';
import { frequencyBias } from '../../src/train/pretrain-init.ts';
import type { Round } from '../../src/train/pretrain-plan.ts';
import { slotOf } from '../../src/train/slots.ts';
import { tinyBase, tinyConfig, tinyPassages } from '../fixtures/tiny.ts';

const base = tinyBase();
const textOf = async (seed: string, count: number) =>
  (await encodeCorpus(tinyPassages('sea', count, makeRng(seed)), base.tokenizer)).tokens;

const job: PretrainJob = {
  config: tinyConfig,
  special: base.tokenizer.special,
  seed: 'loop',
  saveEvery: 5,
  tokens: await textOf('train', 200),
  heldOut: await textOf('held out', 60),
};
const phase = (steps: number, share: number, batch: number, length: number, maskRate: number) => {
  return { steps, share, batch, length, maskRate };
};
const rate: Round['rate'] = { peak: 1e-2, warmup: 0.1, decay: 1, fall: 'linear' };
const common = { rate, halfLife: 4, seconds: null, spent: 0 };
const rounds: Round[] = [
  { ...common, trains: 'head', phases: [phase(12, 1, 4, 32, 0.15)] },
  { ...common, trains: 'all', phases: [phase(8, 0.4, 8, 16, 0.3), phase(8, 0.6, 4, 32, 0.15)] },
];
const start = (): PretrainState => ({
  step: 0,
  rounds,
  slots: Object.fromEntries(
    Object.entries(base.weights).map(([name, value]) => [name, slotOf(value.slice())]),
  ),
  average: null,
  curve: [],
});

/** Trains; every save is a copy, as a folder would keep it. */
async function train(from: PretrainState, options: OpenOptions = {}): Promise<PretrainState[]> {
  const saves: PretrainState[] = [];
  const effects = {
    pace: (planned: readonly Round[]) => planned,
    save: async (state: PretrainState) => {
      saves.push(structuredClone(state));
    },
    progress: () => {},
  };
  await pretrain(job, from, effects, { threads: 1, ...options });
  return saves;
}

const saves = await train(start());
const after = (step: number): PretrainState => saves.find((state) => state.step === step)!;
const isHead = (name: string): boolean => name.startsWith('lm_head.');

test('it is saved every so often and at the end of a phase', () => {
  assert.deepEqual(
    saves.map(({ step }) => step),
    [5, 10, 12, 15, 20, 25, 28],
  );
  assert.deepEqual(
    after(28).curve.map(({ tokens }) => tokens),
    [640, 1280, 1536, 1920, 2560, 3200, 3584],
  );
});

test('a head alone: the encoder keeps its bits and has no moments, the loss falls; then everything trains', () => {
  const [head, end] = [after(12), after(28)];
  for (const [name, { value, first }] of Object.entries(head.slots)) {
    const kept = Buffer.from(value.buffer).equals(Buffer.from(base.weights[name]!.slice().buffer));
    assert.equal(kept, !isHead(name), name);
    assert.equal(
      first.some((moment) => moment !== 0),
      isHead(name),
      name,
    );
  }
  assert.deepEqual(
    Object.keys(head.average!).filter((name) => !isHead(name)),
    [],
  );
  const losses = head.curve.map(({ heldOut }) => heldOut.loss);
  assert.ok(losses.at(-1)! < losses[0]!, losses.join());
  for (const [name, { value }] of Object.entries(end.slots))
    assert.notDeepEqual(value, base.weights[name], name);
  assert.deepEqual(Object.keys(end.average!), Object.keys(end.slots));
  assert.ok(end.curve.at(-1)!.heldOut.loss < losses.at(-1)!);
});

test('the average lies near the weights and is measured beside them', () => {
  const { curve, average, slots } = after(28);
  assert.ok(curve.every((point) => Number.isFinite(point.average!.loss)));
  assert.notEqual(curve.at(-1)!.average!.loss, curve.at(-1)!.heldOut.loss);
  const name = 'lm_head.dense.weight';
  const apart = average![name]!.reduce(
    (most, mean, at) => Math.max(most, Math.abs(mean - slots[name]!.value[at]!)),
    0,
  );
  assert.ok(apart > 0 && apart < 0.1, String(apart));
});

test('resumed at any save, in a phase or between two, it goes on to the same bits', async () => {
  for (const step of [5, 12, 15, 20]) {
    const rest = await train(structuredClone(after(step)));
    assert.deepEqual(rest.at(-1), after(28), `from step ${step}`);
  }
});

test('on another device the same is trained, but for rounding', async () => {
  const short = () => ({ ...start(), rounds: [{ ...rounds[1]!, phases: [phase(3, 1, 2, 16, 0.15)] }] });
  // tfjs's own cpu backend stands for an accelerator
  const [own, other] = [await train(short()), await train(short(), { device: 'tfjs', backend: 'cpu' })];
  const loss = (states: PretrainState[]) => states.at(-1)!.curve.at(-1)!.heldOut.loss;
  assert.ok(Math.abs(loss(own) - loss(other)) < 1e-3 * loss(own), `${loss(own)} ${loss(other)}`);
});

test('without a half-life there is no average', async () => {
  const [state] = await train({
    ...start(),
    rounds: [{ ...rounds[1]!, halfLife: 0, phases: [phase(2, 1, 4, 32, 0.15)] }],
  });
  assert.equal(state!.average, null);
  assert.equal(state!.curve[0]!.average, undefined);
});

test('the bias of frequencies is the text’s distribution, without the special tokens', () => {
  const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 4 };
  const bias = frequencyBias(7, special, Uint16Array.of(5, 5, 5, 2, 6, 2, 2));
  // counted once more than seen: 1, 1, 1, 1, 1, 4, 2 of 11
  const wanted = [1, 1, 1, 1, 1, 4, 2].map((count) => Math.fround(Math.log(count / 11)));
  assert.deepEqual([...bias], wanted);
});
