import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { closest, didYouMean, editDistance } from '../../src/config/closest.ts';

test('edit distance counts insertions, deletions and replacements', () => {
  assert.equal(editDistance('kitten', 'sitting'), 3);
  assert.equal(editDistance('', 'abc'), 3);
  assert.equal(editDistance('abc', 'abc'), 0);
});

test('edit distance is symmetric and obeys the triangle inequality', () => {
  const word = fc.string({ maxLength: 8 });
  fc.assert(
    fc.property(word, word, word, (a, b, c) => {
      assert.equal(editDistance(a, b), editDistance(b, a));
      assert.ok(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c));
    }),
  );
});

test('a near name is offered, a far one is not', () => {
  assert.equal(closest('segmnet', ['run', 'segment']), 'segment');
  assert.equal(closest('xyz', ['run', 'segment']), undefined);
  assert.equal(closest('no', ['run']), undefined);
  assert.equal(didYouMean('--pases', ['--passes']), ' Did you mean --passes?');
  assert.equal(didYouMean('banana', ['run']), '');
});
