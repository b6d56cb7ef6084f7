/** A task on a base of each family, from text to the published ONNX model: it answers as the trained one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { buildRevision, type Revision, seat } from '../../src/checkpoint/index.ts';
import { makeRng } from '../../src/rng.ts';
import type { RobertaConfig } from '../../src/roberta/config.ts';
import { FAMILIES, publishedName } from '../../src/roberta/families/index.ts';
import { initialWeights, robertaShapes, WORD_EMBEDDINGS } from '../../src/roberta/weights.ts';
import { packPassages } from '../../src/text/pack.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import type { BaseModel } from '../../src/train/base.ts';
import { freshLineage, prunedVersion } from '../../src/train/lineage.ts';
import { pluginConfigFor } from '../../src/train/options.ts';
import { openTaskRunner } from '../../src/train/run-task.ts';
import { type TokenizerFiles, unigramTokenizer, wordPieceTokenizer } from '../fixtures/family-tokenizers.ts';
import { tinyConfig, tinyPassages, tinyTask } from '../fixtures/tiny.ts';
import { type Answer, type Batch, trainingTimeModel } from './help/reference.ts';

const texts = tinyPassages('kitchen', 80, makeRng('text'));
const words = [...new Set(texts.join(' ').replaceAll('.', '').split(' '))];
const wordPiece = wordPieceTokenizer(words, tinyConfig.vocabSize);

const TINY: Readonly<Record<string, readonly [RobertaConfig, TokenizerFiles]>> = {
  bert: [{ ...tinyConfig, family: 'bert', typeVocab: 2, layerNormEpsilon: 1e-12, padId: 0 }, wordPiece],
  'bert, decoder of its own': [
    { ...tinyConfig, family: 'bert', typeVocab: 2, padId: 0, tied: false },
    wordPiece,
  ],
  distilbert: [{ ...tinyConfig, ...FAMILIES.distilbert.fixed, family: 'distilbert', padId: 0 }, wordPiece],
  'xlm-roberta': [{ ...tinyConfig, family: 'xlm-roberta' }, unigramTokenizer(words, tinyConfig.vocabSize)],
};

/** Random, with word embeddings and decoder large enough to tell words apart; see `tinyBase`. */
function baseOf(config: RobertaConfig, files: TokenizerFiles): BaseModel {
  const weights = initialWeights(config, makeRng('tiny'));
  for (const name of [WORD_EMBEDDINGS, 'lm_head.decoder.weight']) {
    if (weights[name] !== undefined) weights[name] = weights[name].map((value) => 15 * value);
  }
  return { config, weights, tokenizer: loadTokenizer(files['tokenizer.json']) };
}

function bytesOf(revision: Revision, path: string): Uint8Array {
  return new Uint8Array(Buffer.concat(revision.files.find((file) => file.path === path)!.chunks));
}

/** What ONNX Runtime makes of the published files. */
async function published(revision: Revision, { batch, length, ids, mask }: Batch): Promise<Answer> {
  const session = await ort.InferenceSession.create(bytesOf(revision, 'onnx/model.onnx'), {
    externalData: [{ path: 'model.onnx_data', data: bytesOf(revision, 'onnx/model.onnx_data') }],
  });
  const feed = (of: Int32Array) => new ort.Tensor('int64', BigInt64Array.from(of, BigInt), [batch, length]);
  const { logits, last_hidden_state } = await session.run({
    input_ids: feed(ids),
    attention_mask: feed(mask),
  });
  await session.release();
  return { logits: logits!.data as Float32Array, hidden: last_hidden_state!.data as Float32Array };
}

/** Some packed blocks, the last one with padding. */
async function heldOut({ tokenizer }: BaseModel): Promise<Batch> {
  const encoded = await tokenizer.encodeBatch(tinyPassages('kitchen', 5, makeRng('held out')));
  const blocks = packPassages(encoded, tinyTask.length, tokenizer.special);
  const ids = Int32Array.from(blocks.flatMap((block) => [...block]));
  const mask = ids.map((id) => (id === tokenizer.special.pad ? 0 : 1));
  assert.ok(mask.includes(0) && blocks.length > 2);
  return { batch: blocks.length, length: tinyTask.length, ids, mask };
}

for (const [name, [config, files]] of Object.entries(TINY)) {
  test(`${name}: trained, pruned, published, and the ONNX model answers as the trained one`, async () => {
    const base = baseOf(config, files);
    const plugin = pluginConfigFor(config, tinyTask);
    const runner = await openTaskRunner(base, plugin, tinyTask);
    const input = { domain: 'd1', texts, near: [] };
    const { lineage, version, tokens } = await runner.run(freshLineage(plugin), input);
    await runner.dispose();
    assert.ok(
      version.publishedLoss < version.baseLoss - 0.05,
      `${version.baseLoss} → ${version.publishedLoss}`,
    );

    const pruned = prunedVersion(lineage, version);
    const revision = buildRevision({
      lineage: 'tiny',
      domain: 'd1',
      version: 1,
      task: 1,
      parents: [],
      config,
      plugin,
      base: base.weights,
      pruned,
      neurons: 2 * 4 * 32,
      tokenizer: files,
      licence: null,
      losses: { base: version.baseLoss, own: version.publishedLoss },
      passages: texts.length,
      tokens,
      signatures: [],
      provenance: { version: '0.1.0', seed: '1', provider: 'cpu' },
    });
    const batch = await heldOut(base);
    const { weights, masks } = seat(plugin, pruned);
    const trained = await trainingTimeModel(config, plugin, base.weights, weights, masks, batch);
    const got = await published(revision, batch);
    for (const part of ['logits', 'hidden'] as const) {
      const width = trained[part].length / batch.mask.length;
      const largest = trained[part].reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      for (const [at, value] of trained[part].entries()) {
        if (batch.mask[Math.floor(at / width)] === 0) continue;
        assert.ok(Math.abs(got[part][at]! - value) <= 1e-5 * largest, `${part}[${at}]`);
      }
    }
    const index = JSON.parse(new TextDecoder().decode(bytesOf(revision, 'model.safetensors.index.json'))) as {
      weight_map: Record<string, string>;
    };
    for (const ours of Object.keys(robertaShapes(config))) {
      const theirs = publishedName(FAMILIES[config.family], ours);
      assert.equal(index.weight_map[theirs], 'base.safetensors', theirs);
    }
  });
}
