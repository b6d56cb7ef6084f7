/** A task on 8-bit integers: it learns what single precision learns, and stands on the base that is published. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEAST_ELEMENTS, largestInteger, quantizeRows } from '../../src/engine/index.ts';
import { makeRng } from '../../src/rng.ts';
import { roundedWeights } from '../../src/roberta/rounded.ts';
import { robertaShapes, WORD_EMBEDDINGS } from '../../src/roberta/weights.ts';
import { weightsFor } from '../../src/train/base.ts';
import { freshLineage } from '../../src/train/lineage.ts';
import { pluginConfigFor } from '../../src/train/options.ts';
import { openTaskRunner, type TaskResult } from '../../src/train/run-task.ts';
import { tinyBase, tinyConfig, tinyPassages, tinyTask } from '../fixtures/tiny.ts';

/** Wide enough that its matrices are worth quantizing. */
const config = { ...tinyConfig, hidden: 128, intermediate: 256 };
const base = tinyBase('wide', config);
const DENSE = 'roberta.encoder.layer.1.attention.self.key.weight';

test('rounding touches the matrices of products and nothing else, and rounds but once', async () => {
  const most = await largestInteger();
  const rounded = roundedWeights(config, base.weights, most);
  const again = roundedWeights(config, rounded, most);
  for (const [name, shape] of Object.entries(robertaShapes(config))) {
    const dense = shape.length === 2 && !name.includes('embeddings');
    assert.equal(rounded[name] === base.weights[name], !dense, name);
    if (!dense) continue;
    assert.ok(base.weights[name]!.length >= LEAST_ELEMENTS, `${name} is too small for this test`);
    const integers = (values: Float32Array) => quantizeRows(values, shape[0]!, shape[1]!, most).integers;
    assert.deepEqual(integers(again[name]!), integers(base.weights[name]!), name);
  }
  assert.equal(await weightsFor(base, 'fp32'), base.weights);
  assert.deepEqual((await weightsFor(base, 'int8'))[DENSE], rounded[DENSE]);
  assert.equal(rounded[WORD_EMBEDDINGS], base.weights[WORD_EMBEDDINGS]);
});

test('a task wins at least 95 % of what it wins in single precision', async () => {
  const texts = tinyPassages('sea', 80, makeRng('text'));
  const train = async (precision: 'fp32' | 'int8'): Promise<TaskResult> => {
    const options = { ...tinyTask, precision };
    const plugin = pluginConfigFor(config, options);
    const own = { ...base, weights: await weightsFor(base, precision) };
    const runner = await openTaskRunner(own, plugin, options);
    const result = await runner.run(freshLineage(plugin), { domain: 'd1', texts, near: [] });
    await runner.dispose();
    return result;
  };
  const [right, found] = [await train('fp32'), await train('int8')];
  const [before, single, integer] = [
    right.version.baseLoss,
    right.version.publishedLoss,
    found.version.publishedLoss,
  ];
  assert.notEqual(single, integer);
  assert.ok(single < before * 0.95, `${single} is not clearly below ${before}`);
  assert.ok(before - integer > 0.95 * (before - single), `${before} to ${integer}, not to ${single}`);
});

test('integers run on the processor alone', async () => {
  const options = { ...tinyTask, precision: 'int8' } as const;
  const opened = openTaskRunner(base, pluginConfigFor(config, options), options, { device: 'tfjs' });
  await assert.rejects(opened, { code: 'CPT_ENGINE', message: /processor alone/ });
});
