import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, harmless, harmlessJson, padEnd, padStart, textWidth } from '../../src/cli/width.ts';

test('wide characters take two columns, marks and colours none', () => {
  assert.equal(textWidth('abc'), 3);
  assert.equal(textWidth('日本語'), 6);
  assert.equal(textWidth('한글'), 4);
  assert.equal(textWidth('🍜'), 2);
  assert.equal(textWidth('e\u0301'), 1);
  assert.equal(textWidth('\x1b[36m██\x1b[39m'), 2);
});

test('a text is cut where the next character would not fit', () => {
  assert.equal(cut('abcdef', 6), 'abcdef');
  assert.equal(cut('abcdefg', 6), 'abcde…');
  assert.equal(cut('日本語', 5), '日本…');
  assert.equal(cut('日本語', 4), '日…');
  assert.equal(cut('ab', 1), '…');
  assert.equal(cut('ab', 0), '');
});

test('whatever the text, a cut one fits, and a padded one is as wide as asked', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, columns) => {
      const fitting = cut(harmless(text), columns);
      assert.ok(textWidth(fitting) <= columns);
      assert.equal(textWidth(padEnd(fitting, columns)), columns);
      assert.equal(textWidth(padStart(fitting, columns)), columns);
    }),
  );
});

test('nothing in a harmless text moves the cursor, colours or turns the line', () => {
  assert.equal(harmless('a\x1b[2Jb\r\nc\td\u202ee\u2028'), 'a [2Jb  c d e ');
});

test('property: harmless JSON means the same and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = harmlessJson(JSON.stringify({ text: `${text}\u009b\u202e\u007f` }));
      assert.ok(!/[\p{Cc}\u2028-\u202e\u2066-\u2069]/u.test(json));
      assert.deepEqual(JSON.parse(json), { text: `${text}\u009b\u202e\u007f` });
    }),
  );
});
