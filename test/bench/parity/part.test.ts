import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relativeError, shown } from '../../../bench/parity/part.ts';

test('the relative error is the largest difference over the largest value expected', () => {
  assert.equal(relativeError([1, -4, 0.5], [1, -4, 0.5]), 0);
  assert.equal(relativeError([1, -4, 1], [1, -4, 0.5]), 0.125);
  assert.equal(relativeError([0, 0], [0, 0]), 0);
});

test('what cannot be compared is infinitely far off', () => {
  const far = Number.POSITIVE_INFINITY;
  assert.equal(relativeError([1], [1, 2]), far);
  assert.equal(relativeError([1, Number.NaN], [1, 2]), far);
  assert.equal(relativeError([1, 2], [1, Number.NaN]), far);
  assert.equal(relativeError([1e-9], [0]), far);
});

test('a part is shown with what it missed', () => {
  const part = { head: ['a', 'b'], rows: [['1', '2']], notes: ['A note.'], missed: [] };
  assert.equal(shown(part), 'A note.\n\n| a | b |\n| --- | --- |\n| 1 | 2 |');
  assert.match(shown({ ...part, missed: ['b is off'] }), /\n\n- \*\*b is off\*\*$/);
});
