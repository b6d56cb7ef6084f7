/** Real transformers.js over a random model. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { type FeatureExtractionPipeline, pipeline } from '@xenova/transformers';
import { openEncoder } from '../../../src/edge/encoder/encoder.ts';
import { openFeatures } from '../../../src/edge/encoder/feature-source.ts';
import { makeRng } from '../../../src/rng.ts';
import { tinyPassages } from '../../fixtures/tiny.ts';
import { writeTinyEncoder } from '../../fixtures/tiny-encoder.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-encoder-'));
const folder = path.join(place, 'tiny');
writeTinyEncoder(folder);
after(() => fs.rmSync(place, { recursive: true }));

const texts = tinyPassages('kitchen', 40, makeRng('texts'));

test('vectors are those of the feature-extraction pipeline with mean pooling', async () => {
  const encoder = await openEncoder(folder);
  const vectors = await encoder.encode(['salt', 'the oven and the butter', 'unheard words 42']);
  await encoder.dispose();
  const options = {
    device: 'cpu',
    dtype: 'fp32',
    local_files_only: true,
    use_external_data_format: true,
  } as const;
  const extract = (await pipeline('feature-extraction', folder, options)) as FeatureExtractionPipeline;
  for (const [at, text] of ['salt', 'the oven and the butter', 'unheard words 42'].entries()) {
    const expected = (await extract(text, { pooling: 'mean' })).data as Float32Array;
    assert.equal(vectors[at]!.length, 32);
    for (const [k, value] of vectors[at]!.entries()) assert.ok(Math.abs(value - expected[k]!) < 1e-5);
  }
  await extract.dispose();
});

test('features do not depend on what else is in the batch, nor on the order', async () => {
  const source = await openFeatures(folder);
  const together = (await source.of(texts))!;
  const backwards = (await source.of(texts.toReversed()))!.toReversed();
  for (const [at, text] of texts.entries()) {
    const [alone] = (await source.of([text]))!;
    assert.deepEqual(together[at]!.bucket, alone!.bucket);
    assert.deepEqual(together[at]!.count, alone!.count);
    assert.deepEqual(backwards[at]!.count, alone!.count);
  }
  assert.deepEqual(await source.of([]), []);
  await source.close();
});

test('only the beginning of a long passage is looked at', async () => {
  const encoder = await openEncoder(folder);
  const long = `${'salt '.repeat(100)}${'sea '.repeat(30_000)}`;
  const [vector, other] = await encoder.encode([long, `${'salt '.repeat(100)}tide`]);
  await encoder.dispose();
  for (const [k, value] of vector!.entries()) assert.ok(Math.abs(value - other![k]!) < 1e-6);
});

test('the identity is of the content, not of the folder; words have one of their own', async () => {
  const [copy, changed] = [path.join(place, 'copy'), path.join(place, 'changed')];
  fs.cpSync(folder, copy, { recursive: true });
  writeTinyEncoder(changed, 32, 'other');
  const identities: string[] = [];
  for (const one of [folder, copy, changed, null]) {
    const source = await openFeatures(one);
    identities.push(source.identity);
    await source.close();
  }
  const [of, ofCopy, ofChanged, words] = identities;
  assert.match(of!, /^encoder [0-9a-f]{64}$/);
  assert.equal(ofCopy, of);
  assert.notEqual(ofChanged, of);
  assert.equal(words, 'lexical');
});

test('a folder that is no encoder is refused with what it lacks', async () => {
  const refused = (make: (copy: string) => void, message: RegExp) => {
    const copy = fs.mkdtempSync(path.join(place, 'bad-'));
    fs.cpSync(folder, copy, { recursive: true });
    make(copy);
    return assert.rejects(openFeatures(copy), { code: 'CPT_ENCODER', message });
  };
  await assert.rejects(openFeatures(path.join(place, 'nowhere')), {
    code: 'CPT_ENCODER',
    message: /config\.json/,
  });
  await refused((copy) => fs.rmSync(path.join(copy, 'tokenizer.json')), /no tokenizer\.json/);
  await refused((copy) => fs.rmSync(path.join(copy, 'onnx'), { recursive: true }), /no onnx\/model\.onnx/);
  await refused((copy) => fs.writeFileSync(path.join(copy, 'onnx', 'model.onnx'), 'x'), /cannot be used/);
  await refused((copy) => writeTinyEncoder(copy, 1024), /1024 dimensions, at most 512/);
});
