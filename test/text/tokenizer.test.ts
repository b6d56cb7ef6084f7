import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { CptError } from '../../src/errors.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import { anyText, HOSTILE } from './hostile.ts';

const json = readFileSync(new URL('../../models/base/tokenizer.json', import.meta.url), 'utf8');
const tokenizer = loadTokenizer(json);
const specials = new Set(Object.values(tokenizer.special));
const one = async (text: string): Promise<number[]> => [...(await tokenizer.encodeBatch([text]))[0]!];

test('the bundled tokenizer: sizes and specials', () => {
  assert.equal(tokenizer.vocabSize, 8192);
  assert.deepEqual(tokenizer.special, { bos: 0, pad: 1, eos: 2, unk: 3, mask: 8191 });
});

test('any text comes back as it was, and no special id is in it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyText, { maxLength: 5 }), async (texts) => {
      const encoded = await tokenizer.encodeBatch(texts);
      assert.equal(encoded.length, texts.length);
      for (const [index, ids] of encoded.entries()) {
        assert.equal(await tokenizer.decode(ids), texts[index]);
        for (const id of ids) assert.ok(id >= 0 && id < tokenizer.vocabSize && !specials.has(id), `id ${id}`);
      }
    }),
    { numRuns: 60 },
  );
  for (const text of HOSTILE) assert.equal(await tokenizer.decode(await one(text)), text);
});

test('a text that spells special tokens gets the ids of its letters', async () => {
  const spellings = [
    '<mask>',
    ' <mask>',
    '<s>',
    '</s>',
    '<pad>',
    '<unk>',
    'a<mask>b',
    '<<mask>>',
    '</s></s>',
  ];
  for (const text of spellings) {
    const ids = await one(text);
    assert.ok(ids.length >= 3 && ids.every((id) => !specials.has(id)), text);
  }
  const trusting = loadTokenizer(json, { recogniseSpecials: true });
  const [ids] = await trusting.encodeBatch(['a <mask> here']);
  assert.equal([...ids!].filter((id) => id === tokenizer.special.mask).length, 1);
});

test('nothing is added, cut or padded; special ids are spelt out in decoding', async () => {
  assert.deepEqual(await one(''), []);
  const [short, long] = await tokenizer.encodeBatch(['one', `${'many words '.repeat(2000)}`]);
  assert.ok(short!.length < 3 && long!.length >= 4000); // no padding to the batch, no end at 512
  const { bos, eos, mask } = tokenizer.special;
  assert.equal(await tokenizer.decode([bos, ...(await one('one')), mask, eos]), '<s>one<mask></s>');
});

test('a batch is its texts one by one, also over the bound of one call', async () => {
  const texts = [...HOSTILE, 'word '.repeat(150_000), '', 'x', 'other '.repeat(80_000), 'last'];
  const batch = await tokenizer.encodeBatch(texts);
  for (const index of [0, 4, 7, 15, texts.length - 3, texts.length - 1]) {
    assert.deepEqual([...batch[index]!], await one(texts[index]!));
  }
  assert.deepEqual(await tokenizer.encodeBatch([]), []);
});

test('a tokenizer of the BERT family has its own names; a text that spells them stays text', async () => {
  const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'a', '##b', '[', ']', 'mask'];
  const bert = loadTokenizer(
    JSON.stringify({
      version: '1.0',
      added_tokens: words.slice(0, 5).map((content, id) => {
        const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
        return { id, content, ...flags };
      }),
      normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: false },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      },
    }),
  );
  assert.deepEqual(bert.special, { pad: 0, unk: 1, bos: 2, eos: 3, mask: 4 });
  assert.deepEqual([...(await bert.encodeBatch(['ab [MASK]']))[0]!], [5, 6, 7, 9, 8]);
});

test('what is no tokenizer is refused with one sentence', () => {
  const without = (name: string): string => json.replaceAll(JSON.stringify(name), JSON.stringify(`${name}?`));
  for (const bad of [
    '',
    'null',
    '[]',
    '{}',
    '{"model":{}}',
    json.slice(0, 1000),
    without('<mask>'),
    without('<pad>'),
  ]) {
    assert.throws(
      () => loadTokenizer(bad),
      (error: unknown) =>
        error instanceof CptError && error.code === 'CPT_TOKENIZER' && (error.hint ?? '') !== '',
      bad.slice(0, 40),
    );
  }
});
