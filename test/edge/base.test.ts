import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { bytesOf } from '../../src/checkpoint/dtype.ts';
import {
  baseShard,
  encodeSafetensors,
  fromFloat32,
  fromIndices,
  type StoredTensor,
  toFloat16,
  toFloat32,
} from '../../src/checkpoint/index.ts';
import { loadBase } from '../../src/edge/base.ts';
import { type RobertaConfig, robertaConfigJson } from '../../src/roberta/config.ts';
import { robertaShapes, WORD_EMBEDDINGS } from '../../src/roberta/weights.ts';
import { SMALL, smallBase } from '../checkpoint/help/small-model.ts';
import { smallTokenizer } from '../checkpoint/help/small-revision.ts';

const root = await mkdtemp(join(tmpdir(), 'cpt-base-'));
after(() => rm(root, { recursive: true }));

const weights = smallBase();
const stored = (encode: (data: Float32Array, shape: readonly number[]) => StoredTensor = fromFloat32) =>
  Object.fromEntries(
    Object.entries(robertaShapes(SMALL)).map(([name, shape]) => [name, encode(weights[name]!, shape)]),
  );

let count = 0;
type Files = Record<string, string | Uint8Array | null>;

/** A folder with a whole base; `changed` replaces files, null leaves one out. */
async function folderWith(changed: Files = {}, config: RobertaConfig = SMALL): Promise<string> {
  const folder = join(root, `base-${count++}`);
  await mkdir(folder);
  const files: Files = {
    'config.json': JSON.stringify(robertaConfigJson(config)),
    'model.safetensors': encodeSafetensors(stored()),
    ...smallTokenizer(),
    ...changed,
  };
  for (const [name, content] of Object.entries(files)) {
    if (content !== null) await writeFile(join(folder, name), content);
  }
  return folder;
}

async function refused(code: string, message: RegExp, changed: Files, config?: RobertaConfig): Promise<void> {
  await assert.rejects(loadBase(await folderWith(changed, config)), { name: 'CptError', code, message });
}

test('a base in one file: sizes, weights, tokenizer, licence, hash', async () => {
  const base = await loadBase(await folderWith({ LICENSE: 'free\n' }));
  assert.deepEqual(base.config, SMALL);
  assert.deepEqual(base.weights, weights);
  assert.equal(base.tokenizer.special.mask, SMALL.vocabSize - 1);
  assert.deepEqual(base.tokenizerFiles, smallTokenizer());
  assert.equal(base.licence, 'free\n');
  assert.equal(base.sha256, baseShard(SMALL, weights).sha256);
});

test('what the model does not use is ignored; what is optional may be absent', async () => {
  const extra = {
    'roberta.embeddings.position_ids': fromIndices([0, 1]),
    'roberta.pooler.dense.weight': fromFloat32(new Float32Array(4), [2, 2]),
  };
  const base = await loadBase(
    await folderWith({
      'model.safetensors': encodeSafetensors({ ...stored(), ...extra }, { format: 'pt' }),
      'special_tokens_map.json': null,
    }),
  );
  assert.deepEqual(base.weights, weights);
  assert.equal(base.licence, null);
  assert.deepEqual(Object.keys(base.tokenizerFiles), ['tokenizer.json', 'tokenizer_config.json']);
});

test('the tied decoder stands in for the embeddings and the head’s bias', async () => {
  const { [WORD_EMBEDDINGS]: words, 'lm_head.bias': bias, ...rest } = stored();
  const tensors = { ...rest, 'lm_head.decoder.weight': words!, 'lm_head.decoder.bias': bias! };
  const base = await loadBase(await folderWith({ 'model.safetensors': encodeSafetensors(tensors) }));
  assert.deepEqual(base.weights, weights);
});

test('half and double precision', async () => {
  const bfloat16 = (data: Float32Array, shape: readonly number[]): StoredTensor => {
    const halves = Uint16Array.from(new Uint32Array(data.slice().buffer), (bits) => bits >>> 16);
    return { dtype: 'BF16', shape, data: bytesOf(halves) };
  };
  const double = (data: Float32Array, shape: readonly number[]): StoredTensor => {
    return { dtype: 'F64', shape, data: bytesOf(Float64Array.from(data)) };
  };
  for (const encode of [toFloat16, bfloat16, double]) {
    const tensors = stored(encode);
    const base = await loadBase(await folderWith({ 'model.safetensors': encodeSafetensors(tensors) }));
    for (const [name, data] of Object.entries(base.weights)) {
      assert.deepEqual(data, toFloat32(tensors[name]!));
      assert.ok(
        data.every((value, at) => Math.abs(value - weights[name]![at]!) <= 0.01 * Math.abs(value) + 1e-6),
      );
    }
  }
});

test('a base in shards', async () => {
  const names = Object.keys(robertaShapes(SMALL));
  const tensors = stored();
  const shard = (part: number) => names.filter((_, at) => at % 2 === part);
  const encode = (part: number) =>
    encodeSafetensors(Object.fromEntries(shard(part).map((name) => [name, tensors[name]!])));
  const map = names.map((name, at) => [name, `model-0000${(at % 2) + 1}-of-00002.safetensors`]);
  const files = {
    'model.safetensors': null,
    'model.safetensors.index.json': JSON.stringify({ weight_map: Object.fromEntries(map) }),
    'model-00001-of-00002.safetensors': encode(0),
    'model-00002-of-00002.safetensors': encode(1),
  };
  assert.deepEqual((await loadBase(await folderWith(files))).weights, weights);
  await refused('CPT_BASE', /has no model-00002-of-00002\.safetensors/, {
    ...files,
    'model-00002-of-00002.safetensors': null,
  });
});

test('an index may not lead out of the folder', async () => {
  for (const file of ['../model.safetensors', '/etc/model.safetensors', 'a/b.safetensors', 'model.bin', 7]) {
    const index = JSON.stringify({ weight_map: { [WORD_EMBEDDINGS]: file } });
    await refused('CPT_BASE', /index\.json does not map/, { 'model.safetensors.index.json': index });
  }
  for (const index of [
    '{',
    '[]',
    '{}',
    '{"weight_map":{}}',
    '{"weight_map":{"a":"x.safetensors","a":"y.safetensors"}}',
  ]) {
    await refused('CPT_BASE', /index\.json does not map/, { 'model.safetensors.index.json': index });
  }
});

test('missing folders and files', async () => {
  await assert.rejects(loadBase(join(root, 'nowhere')), { code: 'CPT_BASE', message: /There is no folder/ });
  await assert.rejects(loadBase('some-org/some-model'), {
    code: 'CPT_BASE',
    hint: /or a hub id \(org\/name\)/,
  });
  for (const name of ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'model.safetensors']) {
    await refused('CPT_BASE', new RegExp(`has no ${name}`), { [name]: null });
  }
});

test('a tensor that is missing or of another shape or type is named with its file', async () => {
  const name = 'roberta.encoder.layer.1.output.dense.weight';
  const file = (tensor?: StoredTensor) => {
    const { [name]: _, ...rest } = stored();
    return {
      'model.safetensors': encodeSafetensors(tensor === undefined ? rest : { ...rest, [name]: tensor }),
    };
  };
  await refused('CPT_BASE', /tensor roberta\.encoder\.layer\.1\.output\.dense\.weight is missing/, file());
  const turned = fromFloat32(weights[name]!, [SMALL.intermediate, SMALL.hidden]);
  await refused(
    'CPT_BASE',
    /dense\.weight in .*model\.safetensors has shape \[40,24\], not \[24,40\]/,
    file(turned),
  );
  const integers = { dtype: 'I8', shape: [24, 40], data: new Uint8Array(960) } as const;
  await refused('CPT_BASE', /dense\.weight in .* has type I8/, file(integers));
  await refused(
    'CPT_BASE',
    /word_embeddings\.weight in .* has shape \[300,24\], not \[400,24\]/,
    {},
    { ...SMALL, vocabSize: 400 },
  );
});

test('damaged files', async () => {
  const damaged = encodeSafetensors(stored()).slice(0, -1);
  await refused('CPT_SAFETENSORS', /model\.safetensors: The tensor .* ends at byte/, {
    'model.safetensors': damaged,
  });
  await refused('CPT_SAFETENSORS', /fewer than 8/, { 'model.safetensors': '' });
  await refused('CPT_BASE', /config\.json is wrong: it is not JSON/, { 'config.json': '{' });
  await refused('CPT_BASE', /model_type "gpt2"/, { 'config.json': '{"model_type":"gpt2"}' });
  await refused('CPT_TOKENIZER', /tokenizer\.json cannot be read/, { 'tokenizer.json': '{' });
});

test('a tokenizer of another model', async () => {
  await refused('CPT_TOKENIZER', /ids up to 299, the model 298 embeddings/, {}, { ...SMALL, vocabSize: 298 });
  await refused('CPT_TOKENIZER', /pads with 1, config\.json with 3/, {}, { ...SMALL, padId: 3 });
});
