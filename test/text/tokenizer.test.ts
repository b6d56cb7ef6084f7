import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { CptError } from '../../src/errors.ts';
import { loadTokenizer } from '../../src/text/tokenizer.ts';
import { unigramTokenizer, wordPieceTokenizer } from '../fixtures/family-tokenizers.ts';
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

const families = {
  WordPiece: loadTokenizer(wordPieceTokenizer(['mask', 'word'], 120)['tokenizer.json']),
  Unigram: loadTokenizer(unigramTokenizer(['mask', 'word'], 120)['tokenizer.json']),
};

test('tokenizers of the other families: sizes and specials, whatever holds the vocabulary', () => {
  assert.deepEqual(families.WordPiece.special, { pad: 0, unk: 1, bos: 2, eos: 3, mask: 4 });
  assert.deepEqual(families.Unigram.special, { bos: 0, pad: 1, eos: 2, unk: 3, mask: 119 });
  for (const { vocabSize } of Object.values(families)) assert.equal(vocabSize, 120);
});

test('their special tokens, spelt in a text, are its letters', async () => {
  for (const [kind, special] of [
    ['WordPiece', ['[MASK]', '[CLS]', '[SEP]', '[PAD]', '[UNK]']],
    ['Unigram', ['<mask>', '<s>', '</s>', '<pad>', '<unk>']],
  ] as const) {
    const { encodeBatch, decode, special: ids } = families[kind];
    for (const spelt of special) {
      for (const text of [spelt, `a${spelt}b`, ` ${spelt} ${spelt}`]) {
        const [found] = await encodeBatch([text]);
        assert.ok(!Object.values(ids).some((id) => found!.includes(id)), `${kind}: ${text} is ${found}`);
        const letters = (of: string) => of.toLowerCase().replaceAll(' ', '');
        assert.equal(letters(await decode(found!)), letters(text));
      }
    }
  }
});

test('no text gets one of their special ids, but for the unknown one', async () => {
  const spelling = fc.constantFrom(
    '[MASK]',
    '[SEP]',
    '<mask>',
    '</s>',
    '<pad>',
    '▁<s>',
    ' 0 \uffff',
    '\uffff',
  );
  const texts = fc.array(fc.array(fc.oneof(anyText, spelling), { maxLength: 4 }).map((of) => of.join('')));
  await fc.assert(
    fc.asyncProperty(texts, async (some) => {
      for (const { encodeBatch, special, vocabSize } of Object.values(families)) {
        const { unk: _, ...never } = special;
        for (const ids of await encodeBatch(some)) {
          for (const id of ids) assert.ok(id < vocabSize && !Object.values(never).includes(id), `id ${id}`);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('a token that is not marked special but has the mask’s id is the unknown one', async () => {
  const file = JSON.parse(wordPieceTokenizer(['word'], 120)['tokenizer.json']) as {
    added_tokens: { content: string; special: boolean }[];
    pre_tokenizer: object;
  };
  for (const token of file.added_tokens) token.special = false;
  file.pre_tokenizer = { type: 'WhitespaceSplit' }; // brackets stay, so that the model itself finds the token
  const { encodeBatch, special } = loadTokenizer(JSON.stringify({ ...file, normalizer: null }));
  assert.deepEqual([...(await encodeBatch(['word [MASK] [PAD]']))[0]!].slice(1), [special.unk, special.unk]);
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
