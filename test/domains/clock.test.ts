import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { freshClock, since, tick } from '../../src/domains/clock.ts';

test('it follows the newest time and tells by how much it moved', () => {
  const clock = freshClock();
  const moves = [100, 160, 130, null, 150, 161].map((time) => tick(clock, time));
  assert.deepEqual(moves, [0, 60, 0, 0, 0, 1]);
  assert.equal(clock.now, 161);
  assert.equal(since(clock, 100), 61);
  assert.equal(since(clock, 200), 0);
  assert.equal(since(clock, null), 0);
});

test('one time decades ahead moves it once; a run of passages behind it sets it back', () => {
  const clock = freshClock();
  const times = [0, 1, 1e9, ...Array.from({ length: 64 }, (_, k) => 2 + k), 70];
  const moves = times.map((time) => tick(clock, time));
  assert.deepEqual(
    moves.filter((move) => move > 0),
    [1, 1e9 - 1, 5],
  );
  assert.equal(clock.now, 70);
});

test('whatever the times, it never moves backwards by a negative step nor tells a negative age', () => {
  const times = fc.array(fc.option(fc.double({ min: -1e12, max: 1e12, noNaN: true }), { freq: 4 }), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(times, (given) => {
      const clock = freshClock();
      for (const time of given) {
        assert.ok(tick(clock, time) >= 0);
        for (const from of given) assert.ok(since(clock, from) >= 0);
      }
    }),
    { numRuns: 30 },
  );
});
