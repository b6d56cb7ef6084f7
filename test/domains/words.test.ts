import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { WordCounts } from '../../src/domains/word-counts.ts';
import { wordsOf } from '../../src/domains/words.ts';

test('words are runs of letters and marks, lower-cased, each once; pairs of letters where there are no spaces', () => {
  assert.deepEqual(wordsOf('The cat, the CAT and 12 cats!'), ['the', 'cat', 'and', 'cats']);
  assert.deepEqual(wordsOf('Отзыв: ЁЖ ёж'), ['отзыв', 'ёж']);
  assert.deepEqual(wordsOf('人工智能 is 人工'), ['人工', '工智', '智能', 'is']);
  assert.deepEqual(wordsOf('cafe\u0301 café'), ['café']); // composed and decomposed are one
  assert.deepEqual(wordsOf('𝒜𐐀 12 — …'), ['𝒜𐐨']);
  assert.deepEqual(wordsOf(''), []);
});

test('what cannot be read is no word: fillers, piles of marks, runs longer than any word, half a word at the end', () => {
  assert.deepEqual(wordsOf('\u3164 \u115f a\u0316\u0317\u0318\u0319\u0320 \u0301\u0301 \ud800'), []);
  assert.deepEqual(wordsOf(`${'x'.repeat(33)} ${'y'.repeat(32)}`), ['y'.repeat(32)]);
  const long = `${'ab '.repeat(85)}wordthatiscut`; // the cut at 256 is inside of it
  assert.deepEqual(wordsOf(long), ['ab']);
});

test('whatever the text, a word has letters and marks only', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      for (const word of wordsOf(text)) assert.match(word, /^\p{L}[\p{L}\p{M}]{0,31}$/u);
    }),
    { numRuns: 30 },
  );
});

test('counts are never too high, and too low by at most what was taken, merged ones too', () => {
  const word = fc.integer({ min: 0, max: 3000 }).map((n) => `w${Math.floor(Math.sqrt(n) * 55)}`);
  const passage = fc.uniqueArray(word, { maxLength: 40 });
  fc.assert(
    fc.property(fc.array(passage, { minLength: 60, maxLength: 120 }), (passages) => {
      const exact = new Map<string, number>();
      const parts = [new WordCounts(), new WordCounts()];
      for (const [k, words] of passages.entries()) {
        parts[k & 1]!.add(words);
        for (const w of words) exact.set(w, (exact.get(w) ?? 0) + 1);
      }
      const [all, rest] = parts as [WordCounts, WordCounts];
      all.merge(rest);
      assert.equal(all.passages, passages.length);
      assert.ok(all.counts.size <= 1024);
      for (const [w, count] of exact) {
        assert.ok((all.counts.get(w) ?? 0) <= count);
        assert.ok(all.atMost(w) >= count);
      }
    }),
    { numRuns: 20 },
  );
});

test('words that come again and again stay, whatever passes by', () => {
  const counts = new WordCounts();
  for (let k = 0; k < 500; k++)
    counts.add(['often', ...Array.from({ length: 20 }, (_, j) => `once${k}x${j}`)]);
  assert.ok(counts.taken > 0 && counts.counts.size <= 1024);
  assert.ok((counts.counts.get('often') ?? 0) >= 500 - counts.taken);
  assert.equal([...counts.counts].sort((a, b) => b[1] - a[1])[0]![0], 'often');
});
