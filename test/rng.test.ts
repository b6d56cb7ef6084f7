import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeRng } from '../src/rng.ts';

test('a seed gives one sequence, on every machine', () => {
  const rng = makeRng(1);
  assert.equal(rng.next(), 3193260824);
  assert.equal(rng.uniform(), 0.7534884883858735);
  assert.equal(rng.normal(), 0.031336745953457305);
  assert.deepEqual(
    Array.from({ length: 5 }, () => makeRng('1').next()),
    new Array(5).fill(3193260824),
  );
});

test('a fork depends on seed and labels, not on what was drawn before', () => {
  const fresh = makeRng('s').fork('a').fork(3);
  const used = makeRng('s');
  for (let i = 0; i < 10; i++) used.normal();
  const a = used.fork('a');
  a.uniform();
  assert.equal(a.fork(3).next(), fresh.next());
  const firsts = ['a', 'b', 'aa', 'a/3', 0, 1].map((label) => makeRng('s').fork(label).next());
  assert.equal(new Set(firsts).size, firsts.length);
});

test('uniform is in [0, 1), int(n) in [0, n) and even', () => {
  const rng = makeRng('even');
  const hits = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) {
    const u = rng.uniform();
    assert.ok(u >= 0 && u < 1);
    hits[rng.int(7)]!++;
  }
  for (const count of hits) assert.ok(Math.abs(count - 10_000) < 400, `${count} of about 10,000`);
  fc.assert(
    fc.property(fc.maxSafeInteger(), (n) => {
      const bound = Math.abs(n) + 1;
      if (!Number.isSafeInteger(bound)) return;
      const value = rng.int(bound);
      assert.ok(Number.isInteger(value) && value >= 0 && value < bound);
    }),
  );
  for (const n of [0, -1, 1.5, Number.NaN]) assert.throws(() => rng.int(n), RangeError);
});

test('normal has mean 0, variance 1 and the tails of a normal', () => {
  const rng = makeRng('normal');
  const n = 100_000;
  let sum = 0;
  let squares = 0;
  let beyond2 = 0;
  for (let i = 0; i < n; i++) {
    const x = rng.normal();
    assert.ok(Number.isFinite(x));
    sum += x;
    squares += x * x;
    if (Math.abs(x) > 2) beyond2++;
  }
  assert.ok(Math.abs(sum / n) < 0.015);
  assert.ok(Math.abs(squares / n - 1) < 0.02);
  assert.ok(Math.abs(beyond2 / n - 0.0455) < 0.003);
});

test('shuffle keeps the elements and moves each anywhere', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      const shuffled = makeRng(seed).shuffle([...items]);
      assert.deepEqual([...shuffled].sort(), [...items].sort());
    }),
  );
  const rng = makeRng('places');
  const places = new Array<number>(4).fill(0);
  for (let i = 0; i < 8000; i++) places[rng.shuffle([0, 1, 2, 3]).indexOf(0)]!++;
  for (const count of places) assert.ok(Math.abs(count - 2000) < 200);
});
