import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flops, heaviest, stepProducts } from '../../../bench/speed/flops.ts';

const tiny = {
  config: {
    family: 'roberta',
    vocabSize: 10,
    hidden: 4,
    layers: 2,
    heads: 2,
    intermediate: 8,
    maxPositions: 8,
    typeVocab: 1,
    layerNormEpsilon: 1e-5,
    padId: 1,
    tied: true,
  },
  plugin: { hidden: 4, layers: 2, widths: { attention: 3, ffn: 5 }, placement: 'sequential' },
} as const;

test('the operations of a small step, worked out by hand', () => {
  // Multiplications for batch 2, length 3 and 2 masked positions; 6 tokens. Attention over 3 tokens of 2 texts
  // takes 2·3·3·4 = 72 for each of its products, all heads together.
  const first =
    3 * (6 * 4 * 4) + // query, key, value: nothing trains below, so forward only
    2 * 72 + // scores and result
    6 * 4 * 4 + // attention's output
    (2 * 72 + 3 * 72) + // its plugin, 6·4·3 each: fc1 forward and weights, fc2 also towards its input
    2 * (6 * 4 * 8) * 2 + // feed-forward up and down, forward and towards the input
    (3 * 120 + 3 * 120); // its plugin, 6·4·5 each: all three
  assert.equal(first, 2376);
  const last =
    2 * 3 * (6 * 4 * 4) + // every token is key and value
    6 * 72 + // scores, result and four gradients
    2 * (2 * 4 * 4) + // from here on 2 positions
    6 * (2 * 4 * 3) +
    2 * (2 * 4 * 8) * 2 +
    6 * (2 * 4 * 5);
  assert.equal(last, 1712);
  const head = 2 * (2 * 4 * 4) + 2 * (2 * 4 * 10);
  assert.equal(head, 224);
  assert.equal(flops(stepProducts(tiny, 2, 3, 2)), 2 * (first + last + head));
});

test('one layer has no gradient below its first plugin', () => {
  const one = { config: { ...tiny.config, layers: 1 }, plugin: { ...tiny.plugin, layers: 1 } };
  const names = stepProducts(one, 2, 3, 2).map(({ what }) => what);
  assert.ok(!names.includes('query, key, value, towards its input'));
  assert.ok(!names.includes("attention's plugin, fc1, towards its input"));
  assert.ok(names.includes("attention's plugin, fc1, its weights"));
});

test('the heaviest shapes are summed over the products that share them', () => {
  const product = (rows: number, times: number) => ({ what: '', times, rows, inner: 2, columns: 2 });
  const products = [product(3, 1), product(5, 1), product(3, 1), product(1, 1)];
  assert.deepEqual(heaviest(products, 2), [
    [3, 2, 2],
    [5, 2, 2],
  ]);
});
