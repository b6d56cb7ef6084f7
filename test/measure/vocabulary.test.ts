import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { vocabularyFit } from '../../src/measure/vocabulary.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import { unigramTokenizer, wordPieceTokenizer } from '../fixtures/family-tokenizers.ts';
import { anyText } from '../text/hostile.ts';

const words = ['the', 'soup', '汤'];
const wordPiece = loadTokenizer(wordPieceTokenizer(words, 200)['tokenizer.json']);
const unigram = loadTokenizer(unigramTokenizer(words, 200)['tokenizer.json']);
const bundled = readFileSync(new URL('../../models/base/tokenizer.json', import.meta.url), 'utf8');
const byteLevel = loadTokenizer(bundled);

const fitOf = async (tokenizer: typeof byteLevel, ...texts: string[]) =>
  vocabularyFit(texts, await tokenizer.placeBatch(texts), tokenizer.special.unk);

test('WordPiece: pieces and the unknown token are out of vocabulary, numbers and signs are no words', async () => {
  // the | soup | ##s · 1 2 · , · [UNK] · soup
  const fit = await fitOf(wordPiece, 'The soups 12, Ж soup');
  assert.deepEqual(fit, { bytes: 21, tokens: 8, words: 4, outOfVocabulary: 2 });
});

test('Unigram: the same words', async () => {
  const { words, outOfVocabulary } = await fitOf(unigram, 'the soups 12, Ж soup');
  assert.deepEqual({ words, outOfVocabulary }, { words: 4, outOfVocabulary: 2 });
});

test('a byte-level BPE has no unknown token; what it cuts is out of vocabulary', async () => {
  const { words, outOfVocabulary, tokens, bytes } = await fitOf(byteLevel, 'and the 😀 the unfathomable');
  assert.deepEqual({ words, outOfVocabulary, bytes }, { words: 4, outOfVocabulary: 1, bytes: 29 });
  assert.ok(tokens > 4);
});

test('each letter of a script without spaces is a word; behind a pair of surrogates places still fit', async () => {
  const { words, outOfVocabulary } = await fitOf(wordPiece, '😀 汤汤鱼 the');
  assert.deepEqual({ words, outOfVocabulary }, { words: 4, outOfVocabulary: 1 });
});

test('texts add up; a text without words has none', async () => {
  assert.deepEqual(await fitOf(wordPiece, '12', 'the soup', ''), {
    bytes: 10,
    tokens: 4,
    words: 2,
    outOfVocabulary: 0,
  });
});

test('property: on any text the counts are whole and in range, and sum over the texts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 3 }), async (texts) => {
      for (const tokenizer of [wordPiece, unigram, byteLevel]) {
        const whole = await fitOf(tokenizer, ...texts);
        assert.ok(whole.outOfVocabulary >= 0 && whole.outOfVocabulary <= whole.words);
        assert.equal(whole.bytes, Buffer.byteLength(texts.join('')));
        const single = await Promise.all(texts.map((text) => fitOf(tokenizer, text)));
        assert.equal(
          whole.words,
          single.reduce((sum, { words }) => sum + words, 0),
        );
        assert.equal(
          whole.tokens,
          single.reduce((sum, { tokens }) => sum + tokens, 0),
        );
      }
    }),
    { numRuns: 30 },
  );
});
