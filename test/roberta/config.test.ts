import assert from 'node:assert/strict';
import test from 'node:test';
import { CptError } from '../../src/errors.ts';
import { makeRng } from '../../src/rng.ts';
import {
  firstPosition,
  maxLength,
  parseRobertaConfig,
  type RobertaConfig,
  robertaConfigJson,
} from '../../src/roberta/config.ts';
import { FAMILIES, type FamilyName } from '../../src/roberta/families/index.ts';
import { initialWeights, robertaShapes, WORD_EMBEDDINGS } from '../../src/roberta/weights.ts';
import { checkLength, TASK_DEFAULTS } from '../../src/train/options.ts';
import { config } from '../train/small.ts';

const familyNames = Object.keys(FAMILIES) as FamilyName[];

for (const family of familyNames) {
  for (const tied of [true, false]) {
    test(`config.json and sizes are each other’s inverse: ${family}, ${tied ? 'tied' : 'untied'}`, () => {
      const sizes: RobertaConfig = { ...config, ...FAMILIES[family].fixed, family, tied };
      assert.deepEqual(parseRobertaConfig(JSON.parse(JSON.stringify(robertaConfigJson(sizes)))), sizes);
    });
  }
}

test('where config.json is silent the family’s defaults count', () => {
  const { type_vocab_size, layer_norm_eps, pad_token_id, ...bert } = robertaConfigJson({
    ...config,
    family: 'bert',
  });
  const { typeVocab, layerNormEpsilon, padId } = parseRobertaConfig(bert);
  assert.deepEqual(
    { typeVocab, layerNormEpsilon, padId },
    { typeVocab: 2, layerNormEpsilon: 1e-12, padId: 0 },
  );
  assert.equal(parseRobertaConfig({ ...bert, model_type: 'roberta' }).padId, 1);
});

test('positions start behind the padding’s or at the first row', () => {
  assert.deepEqual([firstPosition(config), maxLength(config)], [2, 12]);
  const bert = { ...config, family: 'bert' } as const;
  assert.deepEqual([firstPosition(bert), maxLength(bert)], [0, 14]);
  checkLength(bert, { ...TASK_DEFAULTS, length: 14 });
  assert.throws(() => checkLength(config, { ...TASK_DEFAULTS, length: 13 }), {
    code: 'CPT_CONFIG',
    hint: 'Give --length 12 or less.',
  });
});

test('a config.json of another kind is refused with CPT_BASE and names the field', () => {
  const good = robertaConfigJson(config);
  const { vocab_size: _, ...missing } = good;
  const distilbert = robertaConfigJson({ ...config, family: 'distilbert' });
  const cases: [unknown, RegExp][] = [
    [null, /not an object/],
    [{ ...good, model_type: 'gpt2' }, /model_type "gpt2"/],
    [{ ...good, model_type: 'constructor' }, /model_type "constructor"/],
    [{ ...good, hidden_act: 'relu' }, /hidden_act "relu", not gelu/],
    [{ ...good, hidden_act: 'gelu_new' }, /hidden_act "gelu_new", not gelu/],
    [{ ...good, model_type: 'bert', hidden_act: 'silu' }, /hidden_act "silu"/],
    [{ ...distilbert, activation: 'relu' }, /activation "relu", not gelu/],
    [{ ...distilbert, dim: undefined }, /has dim undefined/],
    [
      { ...good, position_embedding_type: 'relative_key' },
      /position_embedding_type "relative_key", not absolute/,
    ],
    [{ ...good, is_decoder: true }, /is_decoder true, not false/],
    [{ ...good, hidden_size: 8.5 }, /hidden_size 8\.5/],
    [{ ...good, pad_token_id: 40 }, /pad_token_id 40 does not fit vocab_size 40/],
    [{ ...good, pad_token_id: 12 }, /pad_token_id 12 does not fit .* max_position_embeddings 14/],
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
