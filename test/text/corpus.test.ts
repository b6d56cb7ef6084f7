import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { encodeCorpus } from '../../src/text/corpus.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import { HOSTILE } from './hostile.ts';

const tokenizer = loadTokenizer(
  readFileSync(new URL('../../models/base/tokenizer.json', import.meta.url), 'utf8'),
);

async function* oneByOne(texts: readonly string[]): AsyncGenerator<string> {
  for (const text of texts) yield text;
}

test('texts in order, an end marker behind each, over many batches and growths', async () => {
  const texts = Array.from({ length: 1300 }, (_, i) =>
    i % 7 === 3 ? '' : `Passage ${i}: ${'rain and wind, '.repeat(i % 40)}`,
  );
  texts.push(...HOSTILE, '<s></s>');
  const corpus = await encodeCorpus(oneByOne(texts), tokenizer);
  assert.equal(corpus.texts, texts.length);
  assert.ok(corpus.tokens.length > 65_536);
  const expected: number[] = [];
  for (const ids of await tokenizer.encodeBatch(texts)) expected.push(...ids, tokenizer.special.eos);
  assert.deepEqual(corpus.tokens, Uint16Array.from(expected));
  const ends = corpus.tokens.filter((id) => id === tokenizer.special.eos).length;
  assert.equal(ends, texts.length); // a text that spells </s> ends nothing
});

test('no texts, no tokens; ids that two bytes do not hold get four', async () => {
  assert.deepEqual(await encodeCorpus([], tokenizer), { tokens: new Uint16Array(0), texts: 0 });
  const wide = {
    ...tokenizer,
    vocabSize: 250_002,
    encodeBatch: async (texts: readonly string[]) => texts.map((text) => Int32Array.of(250_001, text.length)),
    placeBatch: async () => [],
  };
  const { tokens } = await encodeCorpus(['rain', 'fog'], wide);
  assert.deepEqual(
    tokens,
    Uint32Array.of(250_001, 4, tokenizer.special.eos, 250_001, 3, tokenizer.special.eos),
  );
});
