import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { domainProof, encodePlugins, hashesOf, sha256 } from '../../src/checkpoint/index.ts';
import { makeRng } from '../../src/rng.ts';
import type { Archive } from '../../src/train/archive.ts';
import {
  freshLineage,
  type Lineage,
  lineageOccupancy,
  newestVersions,
  prunedVersion,
  type Version,
} from '../../src/train/lineage.ts';
import { openLineageEvaluator } from '../../src/train/measure-lineage.ts';
import { pluginConfigFor } from '../../src/train/options.ts';
import { openTaskRunner, type TaskResult, type TaskRunner } from '../../src/train/run-task.ts';
import { tinyBase, tinyConfig, tinyPassages, tinyTask } from '../fixtures/tiny.ts';

const base = tinyBase();
const plugin = pluginConfigFor(tinyConfig, tinyTask);
const sequence = ['kitchen', 'sea', 'garden', 'kitchen', 'sea', 'garden'];
const results: TaskResult[] = [];
let runner: TaskRunner;

const fresh = (): Lineage => freshLineage(plugin);
const texts = (topic: string, task: number) => tinyPassages(topic, 60, makeRng(`text-${task}`));
const fileOf = (lineage: Lineage, version: Version) =>
  sha256(encodePlugins(plugin, prunedVersion(lineage, version)));
const input = (domain: string, topic: string, task: number) => {
  return { domain, texts: texts(topic, task), near: [] };
};

before(async () => {
  runner = await openTaskRunner(base, plugin, tinyTask);
  let lineage = fresh();
  // six tasks, of which the fourth returns to the first domain; the others are new ones to the lineage
  for (const [at, topic] of sequence.entries()) {
    const domain = at === 3 ? 'd1' : `d${at < 3 ? at + 1 : at}`;
    const result = await runner.run(lineage, { domain, texts: texts(topic, at), near: [] });
    results.push(result);
    lineage = result.lineage;
  }
});

after(() => runner.dispose());

test('after six tasks every version exports and answers, bit for bit, as when it was published', async () => {
  const evaluator = await openLineageEvaluator(base, plugin, tinyTask, { threads: 1 });
  const { lineage } = results.at(-1)!;
  assert.equal(lineage.versions.length, 6);
  for (const [at, version] of lineage.versions.entries()) {
    const published = results[at]!;
    assert.equal(fileOf(lineage, version), fileOf(published.lineage, published.version));
    const pruned = prunedVersion(lineage, version);
    assert.equal(domainProof(pruned, hashesOf(pruned)), published.version.proof);
    const batches = evaluator.batches(lineage.archive.detail(version.task).heldOut);
    const { probe, loss } = await evaluator.measure(batches, pruned);
    assert.equal(probe, published.version.probe);
    assert.equal(loss, version.publishedLoss);
  }
  await evaluator.dispose();
});

test('every task found as many free neurons as it is promised, and wrote some', () => {
  for (const [at, { lineage, written }] of results.entries()) {
    const before = at === 0 ? 0 : lineageOccupancy(results[at - 1]!.lineage).claimed;
    assert.ok(lineageOccupancy(lineage).claimed > before);
    for (const [name, { rows }] of Object.entries(written)) {
      assert.ok(rows.index.length > 0, `task ${at + 1} wrote nothing of ${name}`);
      assert.ok(rows.index.length <= 32);
    }
  }
  for (const width of Object.values(results.at(-1)!.lineage.widths)) assert.ok(width > 32);
});

test('a version holds no more neurons than an active set, however wide the lineage', () => {
  for (const { version } of results) {
    for (const { index1 } of Object.values(version.kept)) assert.ok(index1.length <= 32);
  }
});

test('each task lowers the held-out loss of its domain, and forgetting is exactly 0', () => {
  for (const { losses, version, backwardTransfer } of results) {
    const own = losses.find(({ domain }) => domain === version.domain)!;
    assert.ok(own.own < own.base - 0.05, `${version.domain}: ${own.base} → ${own.own}`);
    for (const loss of losses) assert.equal(loss.own, loss.published);
    assert.ok(backwardTransfer === null || backwardTransfer === 0);
  }
});

test('a returning domain continues under its id, and its older version stays', () => {
  const { versions } = results.at(-1)!.lineage;
  assert.deepEqual(
    versions.map(({ domain, version }) => `${domain}.${version}`),
    ['d1.1', 'd2.1', 'd3.1', 'd1.2', 'd4.1', 'd5.1'],
  );
  const [first, , , again] = versions;
  for (const [name, { index1 }] of Object.entries(first!.kept)) {
    const shared = index1.filter((neuron) => again!.kept[name]!.index1.includes(neuron));
    assert.ok(shared.length > index1.length / 2, `little of ${name} is used again`);
  }
  assert.deepEqual(
    newestVersions(results.at(-1)!.lineage).find(({ domain }) => domain === 'd1'),
    again,
  );
});

test('claims only grow', () => {
  const claimed = results.map(({ lineage }) => lineageOccupancy(lineage).claimed);
  assert.deepEqual(
    [...claimed].sort((a, b) => a - b),
    claimed,
  );
  assert.ok(claimed[0]! > 0);
});

test('the same seed trains the same bytes, another seed does not', async () => {
  const again = await runner.run(fresh(), input('d1', 'kitchen', 0));
  assert.deepEqual(again.version, results[0]!.version);
  const other = await openTaskRunner(base, plugin, { ...tinyTask, seed: 'another' });
  const result = await other.run(fresh(), input('d1', 'kitchen', 0));
  assert.notEqual(result.version.proof, results[0]!.version.proof);
  await other.dispose();
});

test('a lineage goes on when its tasks change device: proofs and losses are taken on the processor', async () => {
  const { lineage } = results[0]!;
  // tfjs's own cpu backend stands for an accelerator: it rounds otherwise than the compiled step
  const other = await openTaskRunner(base, plugin, tinyTask, { device: 'tfjs', backend: 'cpu', threads: 1 });
  assert.equal(other.provider, 'tfjs-cpu');
  const there = await other.run(lineage, input('d2', 'sea', 1));
  await other.dispose();
  assert.notEqual(there.version.proof, results[1]!.version.proof);
  assert.ok(Math.abs(there.version.publishedLoss - results[1]!.version.publishedLoss) < 0.05);
  const back = await runner.run(there.lineage, input('d3', 'garden', 2));
  assert.equal(runner.provider, 'cpu');
  for (const { own, published } of back.losses) assert.equal(own, published);
});

test('a device that cannot take the step shows it when the runner is opened', async () => {
  tf.registerBackend('bare', () => tf.findBackend('cpu')); // it has memory, but no kernels
  const options = { device: 'tfjs', backend: 'bare', threads: 1 } as const;
  await assert.rejects(openTaskRunner(base, plugin, tinyTask, options), {
    code: 'CPT_ENGINE',
    message: /bare/,
  });
});

test('a changed bit of an earlier version is found out before anything is published', async () => {
  const { lineage } = results[1]!;
  const [name, { index1 }] = Object.entries(lineage.versions[0]!.kept)[0]!;
  const damaged: Archive = {
    ...lineage.archive,
    rows(plugin, index) {
      const rows = lineage.archive.rows(plugin, index);
      const at = plugin === name ? rows.index.indexOf(index1[0]!) : -1;
      return at < 0 ? rows : { ...rows, bias: rows.bias.with(at, rows.bias[at]! + 1e-6) };
    },
  };
  await assert.rejects(runner.run({ ...lineage, archive: damaged }, input('d9', 'garden', 9)), {
    code: 'CPT_FORGETTING',
    message: /The weights of d1\.1/,
  });
});

test('a domain without text is refused', async () => {
  await assert.rejects(runner.run(fresh(), { domain: 'd1', texts: [], near: [] }), { code: 'CPT_TRAIN' });
  await assert.rejects(runner.run(fresh(), { domain: 'd1', texts: [''], near: [] }), { code: 'CPT_TRAIN' });
});
