import assert from 'node:assert/strict';
import test from 'node:test';
import { CptError } from '../../src/errors.ts';
import { makeRng } from '../../src/rng.ts';
import { parseRobertaConfig, robertaConfigJson } from '../../src/roberta/config.ts';
import { initialWeights, robertaShapes, WORD_EMBEDDINGS } from '../../src/roberta/weights.ts';
import { config } from '../train/small.ts';

test('config.json and sizes are each other’s inverse', () => {
  assert.deepEqual(parseRobertaConfig(JSON.parse(JSON.stringify(robertaConfigJson(config)))), config);
});

test('a config.json of another kind is refused with CPT_BASE and names the field', () => {
  const good = robertaConfigJson(config);
  const { vocab_size: _, ...missing } = good;
  const cases: [unknown, RegExp][] = [
    [null, /not an object/],
    [{ ...good, model_type: 'bert' }, /model_type "bert"/],
    [{ ...good, hidden_act: 'relu' }, /hidden_act "relu"/],
    [missing, /vocab_size/],
    [{ ...good, num_hidden_layers: 'two' }, /num_hidden_layers "two"/],
    [{ ...good, num_attention_heads: 3 }, /hidden_size 8 is not a multiple of the 3 heads/],
    [{ ...good, layer_norm_eps: Number.NaN }, /layer_norm_eps/],
  ];
  for (const [json, pattern] of cases) {
    assert.throws(
      () => parseRobertaConfig(json),
      (error) => error instanceof CptError && error.code === 'CPT_BASE' && pattern.test(error.message),
    );
  }
});

test('initial weights: by the seed alone, the padding rows 0, normalisations 1, biases 0, deviation 0.02', () => {
  const weights = initialWeights(config, makeRng('a'));
  assert.deepEqual(weights, initialWeights(config, makeRng('a')));
  assert.notDeepEqual(weights, initialWeights(config, makeRng('b')));
  assert.deepEqual(Object.keys(weights), Object.keys(robertaShapes(config)));
  const words = weights[WORD_EMBEDDINGS]!;
  assert.ok(
    words.subarray(config.padId * config.hidden, (config.padId + 1) * config.hidden).every((x) => x === 0),
  );
  const spread = Math.sqrt(words.reduce((sum, x) => sum + x * x, 0) / (words.length - config.hidden));
  assert.ok(spread > 0.017 && spread < 0.023, `${spread}`);
  for (const [name, values] of Object.entries(weights)) {
    if (name.endsWith('bias'))
      assert.ok(
        values.every((x) => x === 0),
        name,
      );
    if (/(LayerNorm|layer_norm)\.weight$/.test(name))
      assert.ok(
        values.every((x) => x === 1),
        name,
      );
  }
});
