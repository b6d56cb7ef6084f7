/** Bases of every family: their own names, older ones, bare encoders, heads of their own or none. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { encodeSafetensors, fromFloat32, type StoredTensor } from '../../src/checkpoint/index.ts';
import { loadBase } from '../../src/edge/base.ts';
import { type RobertaConfig, robertaConfigJson } from '../../src/roberta/config.ts';
import {
  DECODER_BIAS,
  FAMILIES,
  type FamilyName,
  HEAD_BIAS,
  publishedName,
} from '../../src/roberta/families/index.ts';
import {
  DECODER,
  isHead,
  publishedNames,
  robertaShapes,
  WORD_EMBEDDINGS,
} from '../../src/roberta/weights.ts';
import { randomWeights, SMALL } from '../checkpoint/help/small-model.ts';
import { smallTokenizer } from '../checkpoint/help/small-revision.ts';

const root = await mkdtemp(join(tmpdir(), 'cpt-families-'));
after(() => rm(root, { recursive: true }));

const names = Object.keys(FAMILIES) as FamilyName[];
const configOf = (family: FamilyName, tied = true): RobertaConfig => ({
  ...SMALL,
  ...FAMILIES[family].fixed,
  family,
  tied,
});
const weightsOf = (config: RobertaConfig) => randomWeights(robertaShapes(config), 'families', 0.1);

/** The tensors of a file, each under the name that `called` gives it, or left out where that is null. */
function tensorsOf(
  config: RobertaConfig,
  called: (published: string, ours: string) => string | null = (published) => published,
): Record<string, StoredTensor> {
  const weights = weightsOf(config);
  return Object.fromEntries(
    Object.entries(robertaShapes(config)).flatMap(([ours, shape]) => {
      const name = called(publishedName(FAMILIES[config.family], ours), ours);
      return name === null ? [] : [[name, fromFloat32(weights[ours]!, shape)]];
    }),
  );
}

let count = 0;
async function folderWith(config: RobertaConfig, tensors: Record<string, StoredTensor>, json = {}) {
  const folder = join(root, `base-${count++}`);
  await mkdir(folder);
  const files = {
    'config.json': JSON.stringify({ ...robertaConfigJson(config), ...json }),
    'model.safetensors': encodeSafetensors(tensors),
    ...smallTokenizer(),
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return folder;
}

for (const family of names) {
  test(`${family}: tied and untied heads by the family's own names`, async () => {
    for (const tied of [true, false]) {
      const config = configOf(family, tied);
      const base = await loadBase(await folderWith(config, tensorsOf(config)));
      assert.deepEqual(base.config, config);
      assert.deepEqual(base.weights, weightsOf(config));
      assert.ok(base.hasHead);
    }
  });

  test(`${family}: what transformers writes beside them does no harm`, async () => {
    const config = configOf(family);
    const own = tensorsOf(config);
    const decoder = publishedName(FAMILIES[family], DECODER);
    const words = own[publishedName(FAMILIES[family], WORD_EMBEDDINGS)]!;
    const extra = { [decoder]: words, 'bert.pooler.dense.bias': fromFloat32(new Float32Array(2), [2]) };
    const base = await loadBase(await folderWith(config, { ...own, ...extra }));
    assert.deepEqual(base.config, config);
    assert.deepEqual(base.weights, weightsOf(config));
  });

  test(`${family}: two matrices are not tied even where config.json is silent`, async () => {
    const config = configOf(family, false);
    const folder = await folderWith(config, tensorsOf(config), { tie_word_embeddings: undefined });
    const base = await loadBase(folder);
    assert.equal(base.config.tied, false);
    assert.deepEqual(base.weights, weightsOf(config));
  });

  test(`${family}: an encoder alone is refused for a run and gets a fresh, tied head for pre-training`, async () => {
    const config = configOf(family);
    const { prefix } = FAMILIES[family];
    const bare = tensorsOf(config, (published, ours) =>
      isHead(ours) ? null : published.slice(prefix.length),
    );
    const folder = await folderWith(config, bare, { tie_word_embeddings: false });
    await assert.rejects(loadBase(folder, { name: 'org/encoder' }), {
      name: 'CptError',
      code: 'CPT_BASE',
      message: 'org/encoder has no masked-LM head: it is an encoder alone.',
      hint: 'Train one first: cpt pretrain --base org/encoder.',
    });
    const base = await loadBase(folder, { head: 'optional' });
    assert.equal(base.hasHead, false);
    assert.deepEqual(base.config, config);
    const weights = weightsOf(config);
    assert.deepEqual(Object.keys(base.weights).sort(), Object.keys(weights).sort());
    for (const [name, values] of Object.entries(base.weights)) {
      if (!isHead(name)) assert.deepEqual(values, weights[name], name);
    }
    const deviation = base.weights['lm_head.dense.weight']!.reduce((sum, x) => sum + x * x, 0);
    assert.ok(Math.abs(Math.sqrt(deviation / SMALL.hidden ** 2) - 0.02) < 0.003);
    assert.deepEqual((await loadBase(folder, { head: 'optional' })).weights, base.weights);
    const other = await loadBase(folder, { head: 'optional', seed: 'other' });
    assert.notDeepEqual(other.weights['lm_head.dense.weight'], base.weights['lm_head.dense.weight']);
  });
}

test('the names of the first BERT files', async () => {
  const config = configOf('bert');
  const tensors = tensorsOf(config, (published, ours) =>
    ours === 'lm_head.bias'
      ? 'cls.predictions.decoder.bias'
      : published
          .replace('LayerNorm.weight', 'LayerNorm.gamma')
          .replace('LayerNorm.bias', 'LayerNorm.beta')
          .replace(/^bert\./, ''),
  );
  assert.ok(tensors['embeddings.LayerNorm.gamma'] !== undefined);
  assert.ok(tensors['cls.predictions.transform.LayerNorm.beta'] !== undefined);
  const base = await loadBase(await folderWith(config, tensors));
  assert.deepEqual(base.weights, weightsOf(config));
});

test('of two biases of a head the decoder’s counts', async () => {
  for (const family of ['roberta', 'bert'] as const) {
    const config = configOf(family, false);
    const own = tensorsOf(config);
    const name = publishedName(FAMILIES[family], DECODER_BIAS);
    const bias = new Float32Array(SMALL.vocabSize).fill(7);
    const tensors = { ...own, [name]: fromFloat32(bias, [SMALL.vocabSize]) };
    const base = await loadBase(await folderWith(config, tensors));
    assert.deepEqual(base.weights, { ...weightsOf(config), [HEAD_BIAS]: bias });
    assert.equal(publishedNames(config).get(name), HEAD_BIAS);
  }
});

test('half a head is a damaged file, not an encoder alone', async () => {
  for (const family of names) {
    const config = configOf(family);
    const tensors = tensorsOf(config, (published, ours) => (ours === 'lm_head.bias' ? null : published));
    const folder = await folderWith(config, tensors);
    const refusal = {
      code: 'CPT_BASE',
      message: /^The tensor \S+\.bias is missing in/,
      hint: /fetch the model/,
    };
    await assert.rejects(loadBase(folder), refusal);
    await assert.rejects(loadBase(folder, { head: 'optional' }), refusal);
  }
});

test('a decoder that config.json calls its own must be there', async () => {
  const config = configOf('bert');
  const folder = await folderWith(config, tensorsOf(config), { tie_word_embeddings: false });
  await assert.rejects(loadBase(folder), {
    message: /^The tensor cls\.predictions\.decoder\.weight is missing/,
  });
});
