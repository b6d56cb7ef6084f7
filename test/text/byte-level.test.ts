import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ALPHABET, BYTE_TO_CHAR, cutWords } from '../../src/text/byte-level.ts';
import { anyText, HOSTILE } from './hostile.ts';

test('every byte has one printable character of its own', () => {
  assert.equal(new Set(BYTE_TO_CHAR).size, 256);
  assert.deepEqual([...ALPHABET].sort(), [...BYTE_TO_CHAR].sort());
  for (const char of BYTE_TO_CHAR) assert.match(char, /^[^\p{White_Space}\p{Cc}\p{Cf}]$/u);
  assert.equal(BYTE_TO_CHAR[0x61], 'a');
  assert.equal(BYTE_TO_CHAR[0x20], 'Ġ'); // as GPT-2 and RoBERTa write a space
  assert.equal(BYTE_TO_CHAR[0x0a], 'Ċ');
  assert.equal(BYTE_TO_CHAR[0xc3], 'Ã');
});

test('words keep one space before them; clitics, letters, digits and marks are apart', () => {
  assert.deepEqual(cutWords("It's 3 o'clock,  they'll come!"), [
    ...['It', "'s", ' 3', ' o', "'", 'clock', ',', ' ', ' they', "'ll", ' come', '!'],
  ]);
  assert.deepEqual(cutWords('a\n\nb  \n c'), ['a', '\n', '\n', 'b', '  \n', ' c']);
  assert.deepEqual(cutWords('12ab½'), ['12', 'ab', '½']);
  assert.deepEqual(cutWords('a\u0085b\ufeffc'), ['a', '\u0085', 'b', '\ufeff', 'c']); // the first is white space
  assert.deepEqual(cutWords(''), []);
});

test('joined again, the words are the text', () => {
  for (const text of HOSTILE) assert.equal(cutWords(text).join(''), text);
  fc.assert(fc.property(anyText, (text) => assert.equal(cutWords(text).join(''), text)));
});
