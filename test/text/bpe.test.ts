import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { tokenizerFiles, trainBpe } from '../../src/text/bpe.ts';
import { BYTE_TO_CHAR, cutWords } from '../../src/text/byte-level.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import { anyText, HOSTILE } from './hostile.ts';

const TEXTS = Array.from({ length: 60 }, (_, i) =>
  [
    `The ${['kettle', 'garden', 'harbour'][i % 3]} was ${['quiet', 'open', 'late'][(i % 5) % 3]} on day ${i}.`,
    `It's the ${['second', 'third'][i % 2]} café; they'll open <mask> again </s>, and again.`,
    '日本語 日本 ½½ 👋🏽👋🏽   \n\n',
  ].join(' '),
);
const VOCABULARY = 355;
const json = trainBpe(TEXTS, VOCABULARY);
const file = JSON.parse(json) as {
  added_tokens: { id: number; content: string; special: boolean; lstrip: boolean }[];
  model: { vocab: Record<string, number>; merges: string[] };
};

test('the vocabulary has exactly the size asked for, specials at RoBERTa places', () => {
  const { vocab, merges } = file.model;
  assert.deepEqual(
    Object.values(vocab).sort((a, b) => a - b),
    Array.from({ length: VOCABULARY }, (_, id) => id),
  );
  assert.deepEqual(
    ['<s>', '<pad>', '</s>', '<unk>', '<mask>'].map((name) => vocab[name]),
    [0, 1, 2, 3, VOCABULARY - 1],
  );
  for (const { id, content, special, lstrip } of file.added_tokens) {
    assert.deepEqual([vocab[content], special, lstrip], [id, true, content === '<mask>']);
  }
  for (const char of BYTE_TO_CHAR) assert.ok(char in vocab, `no entry for the byte ${char}`);
  for (const merge of merges) {
    const parts = merge.split(' '); // strings "a b": what every client loads
    assert.equal(parts.length, 2);
    assert.ok(parts[0]! in vocab && parts[1]! in vocab && parts.join('') in vocab, merge);
  }
});

test('the same texts give the same bytes, in any order; too few texts are refused', () => {
  assert.equal(trainBpe(TEXTS, VOCABULARY), json);
  assert.equal(trainBpe([...TEXTS].reverse(), VOCABULARY), json);
  assert.throws(() => trainBpe(['too', 'little'], VOCABULARY), /only 256 of the 350/);
  assert.throws(() => trainBpe(TEXTS, 260), RangeError); // less than the bytes and the specials need
});

test('the library encodes as the merges say', async () => {
  const { vocab, merges } = file.model;
  const rank = new Map(merges.map((merge, at) => [merge, at]));
  const encodeWord = (word: string): number[] => {
    const parts = [...new TextEncoder().encode(word)].map((byte) => BYTE_TO_CHAR[byte]!);
    for (;;) {
      const ranks = parts
        .slice(1)
        .map((part, i) => rank.get(`${parts[i]} ${part}`) ?? Number.POSITIVE_INFINITY);
      const best = Math.min(...ranks);
      if (best === Number.POSITIVE_INFINITY) return parts.map((part) => vocab[part]!);
      const at = ranks.indexOf(best);
      parts.splice(at, 2, parts[at]! + parts[at + 1]!);
    }
  };
  const tokenizer = loadTokenizer(json);
  const texts = [
    ...HOSTILE.map((text) => text.slice(0, 400)),
    ...fc.sample(anyText, { numRuns: 150, seed: 5 }),
  ];
  const encoded = await tokenizer.encodeBatch(texts);
  texts.forEach((text, i) => {
    assert.deepEqual([...encoded[i]!], cutWords(text).flatMap(encodeWord), JSON.stringify(text));
  });
});

test('the two files beside it name the class and the special tokens', () => {
  const files = tokenizerFiles(json);
  assert.equal(files['tokenizer.json'], json);
  const config = JSON.parse(files['tokenizer_config.json']) as Record<string, unknown>;
  const map = JSON.parse(files['special_tokens_map.json']) as Record<string, unknown>;
  assert.equal(config.tokenizer_class, 'RobertaTokenizer');
  for (const name of ['bos_token', 'eos_token', 'pad_token', 'unk_token', 'cls_token', 'sep_token']) {
    assert.equal(config[name], map[name]);
    assert.ok(file.added_tokens.some(({ content }) => content === map[name]));
  }
  assert.equal(config.mask_token, '<mask>');
});
