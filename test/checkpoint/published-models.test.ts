/** The published files against the programs that load them: PyTorch by reference numbers, transformers.js itself. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { env, pipeline } from '@xenova/transformers';
import * as ort from 'onnxruntime-node';
import { openStore } from '../../src/edge/store/index.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import { trainingTimeModel } from './help/reference.ts';
import { randomMasks, SMALL, smallBase, smallPlugin, smallPlugins } from './help/small-model.ts';
import { familyTokenizer, type SmallPublished, smallPublished } from './help/small-revision.ts';

const published = smallPublished();
let folder = '';

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cpt-models-'));
  const store = openStore(join(folder, 'out'), 'sample');
  for (const [name, { revision }] of Object.entries(published)) {
    await store.publish(revision);
    await store.materialise('main', join(folder, 'models', name));
  }
  env.allowRemoteModels = false;
  env.localModelPath = join(folder, 'models');
  env.useFSCache = false;
});
after(() => rm(folder, { recursive: true }));

interface Reference {
  readonly ids: number[][];
  readonly mask: number[][];
  readonly revisions: Record<string, { readonly logits: number[][]; readonly hidden: number[][] }>;
}

/** Rows of an output at the positions that are not padding, every `step`-th value. */
function keptRows({ data, dims }: ort.Tensor, mask: readonly number[][], step: number): number[][] {
  const [, , width] = dims as [number, number, number];
  const values = data as Float32Array;
  return mask.flat().flatMap((kept, at) => {
    if (kept === 0) return [];
    return [Array.from(values.subarray(at * width, (at + 1) * width)).filter((_, i) => i % step === 0)];
  });
}

function assertNear(actual: number[][], expected: number[][], tolerance: number): void {
  assert.equal(actual.length, expected.length);
  for (const [row, values] of expected.entries()) {
    assert.equal(actual[row]!.length, values.length);
    for (const [at, value] of values.entries()) {
      assert.ok(Math.abs(actual[row]![at]! - value) < tolerance, `${actual[row]![at]} is not ${value}`);
    }
  }
}

test('the ONNX model on disk answers what modeling_cpt.py answers in PyTorch', async () => {
  const text = await readFile(new URL('./fixtures/python-logits.json', import.meta.url), 'utf8');
  const reference = JSON.parse(text) as Reference;
  const shape = [reference.ids.length, reference.ids[0]!.length];
  const feed = (of: number[][]) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from(of.flat(), (value) => BigInt(value)),
      shape,
    );
  for (const name of Object.keys(published)) {
    const session = await ort.InferenceSession.create(join(folder, 'models', name, 'onnx', 'model.onnx'));
    const outputs = await session.run({
      input_ids: feed(reference.ids),
      attention_mask: feed(reference.mask),
    });
    await session.release();
    const expected = reference.revisions[name]!;
    assertNear(keptRows(outputs.logits!, reference.mask, 10), expected.logits, 2e-5);
    assertNear(keptRows(outputs.last_hidden_state!, reference.mask, 1), expected.hidden, 2e-5);
  }
});

/** What the training-time model says of a text with one mask: probabilities there, and its hidden states. */
async function expectedOf({ config, placement }: SmallPublished) {
  const plugin = smallPlugin(placement);
  const files = familyTokenizer(config.family);
  const tokenizer = loadTokenizer(files['tokenizer.json']!, { recogniseSpecials: true });
  const { bos, eos, mask: masked } = tokenizer.special;
  const spelt = await tokenizer.decode([masked]);
  const text = config.family === 'roberta' ? `The food was${spelt}.` : `the food was ${spelt}.`;
  const [inner] = await tokenizer.encodeBatch([text]);
  const ids = Int32Array.of(bos, ...inner!, eos);
  const length = ids.length;
  const mask = new Int32Array(length).fill(1);
  const masks = randomMasks(plugin, placement);
  const input = { batch: 1, length, ids, mask };
  const base = smallBase(config);
  const { logits, hidden } = await trainingTimeModel(
    config,
    plugin,
    base,
    smallPlugins(plugin),
    masks,
    input,
  );
  const at = ids.indexOf(masked);
  const row = logits.subarray(at * SMALL.vocabSize, (at + 1) * SMALL.vocabSize);
  const total = row.reduce((sum, x) => sum + Math.exp(x), 0);
  const best = row.reduce((most, x, id) => (x > row[most]! ? id : most), 0);
  return { text, best, score: Math.exp(row[best]!) / total, hidden, length };
}

for (const [dtype, tolerance] of [
  ['fp32', 1e-4],
  ['q8', 0.2],
] as const) {
  test(`transformers.js fills a mask and extracts features, from the folder alone: ${dtype}`, async () => {
    for (const [name, small] of Object.entries(published)) {
      const expected = await expectedOf(small);
      const options = { dtype, local_files_only: true } as const;
      const fill = await pipeline('fill-mask', name, options);
      const answers = (await fill(expected.text, { top_k: SMALL.vocabSize })) as {
        token: number;
        score: number;
      }[];
      if (dtype === 'fp32') assert.equal(answers[0]!.token, expected.best);
      const score = answers.find(({ token }) => token === expected.best)!.score;
      assert.ok(Math.abs(score - expected.score) < tolerance, `${name}: ${score} is not ${expected.score}`);
      const extract = await pipeline('feature-extraction', name, options);
      const features = await extract(expected.text);
      assert.deepEqual(features.dims, [1, expected.length, SMALL.hidden]);
      const values = features.data as Float32Array;
      const off = values.reduce((most, x, at) => Math.max(most, Math.abs(x - expected.hidden[at]!)), 0);
      assert.ok(off < tolerance, `${name}: ${off}`);
      const [short, long] = await Promise.all(['good', 'The food was good.'].map((text) => extract(text)));
      const both = await extract(['good', 'The food was good.'], { pooling: 'mean' });
      assert.deepEqual(both.dims, [2, SMALL.hidden]);
      assert.ok(short!.dims[1]! < long!.dims[1]!, 'the batch was padded');
      await fill.dispose();
      await extract.dispose();
    }
  });
}
