import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { at, quantile, returnsAccuracy, scoreBoundaries } from '../../src/measure/boundaries.ts';

const found = (...places: number[]) => places.map((place) => ({ at: place, detectedAt: place + 30 }));

test('matched, missed and false, worked by hand', () => {
  // 100 ← 103; 500 ← none; 900 ← 890; 700 is false
  const score = scoreBoundaries([at(100), at(500), at(900)], found(103, 700, 890), 25);
  assert.deepEqual([score.matched, score.missed, score.falseAlarms], [2, 1, 1]);
  assert.ok(Math.abs(score.precision - 2 / 3) < 1e-12);
  assert.ok(Math.abs(score.recall - 2 / 3) < 1e-12);
  assert.ok(Math.abs(score.f1 - 2 / 3) < 1e-12);
  assert.deepEqual(score.delays, [33, 20]);
  assert.deepEqual(score.errors, [3, 10]);
});

test('a found boundary matches once, and a true one at most one', () => {
  assert.equal(scoreBoundaries([at(100)], found(90, 110), 25).falseAlarms, 1);
  assert.equal(scoreBoundaries([at(90), at(110)], found(100), 25).missed, 1);
  // Taking the earliest that fits leaves the later for the later.
  assert.equal(scoreBoundaries([at(100), at(120)], found(95, 105), 25).matched, 2);
});

test('of two that fit the nearer is the match, and what it leaves is false', () => {
  const score = scoreBoundaries([at(200)], found(110, 198), 100);
  assert.deepEqual([score.errors, score.delays, score.falseAlarms], [[2], [28], 1]);
  // 104 is nearer to 100, but 120 has no other in reach: as many as possible come first.
  const both = scoreBoundaries([at(100), at(120)], found(90, 104), 16);
  assert.deepEqual(both.errors, [10, 16]);
});

test('as many are matched as by the greedy rule, which is optimal for their number', () => {
  const places = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 7 });
  fc.assert(
    fc.property(places, places, fc.integer({ min: 0, max: 12 }), (wanted, given, tolerance) => {
      const left = given.toSorted((a, b) => a - b);
      let matched = 0;
      for (const place of wanted.toSorted((a, b) => a - b)) {
        const index = left.findIndex((other) => Math.abs(other - place) <= tolerance);
        if (index < 0) continue;
        left.splice(index, 1);
        matched++;
      }
      assert.equal(scoreBoundaries(wanted.map(at), found(...given), tolerance).matched, matched);
    }),
  );
});

test('anywhere in a ramp is no error', () => {
  const score = scoreBoundaries([{ from: 100, to: 300 }], found(180), 25);
  assert.deepEqual([score.errors, score.delays], [[0], [0]]);
  assert.equal(scoreBoundaries([{ from: 100, to: 300 }], found(326), 25).matched, 0);
});

test('nothing to find and nothing found is perfect', () => {
  assert.equal(scoreBoundaries([], [], 25).f1, 1);
  assert.equal(scoreBoundaries([], found(5), 25).precision, 0);
  assert.equal(scoreBoundaries([at(5)], [], 25).f1, 0);
});

test('the truth itself scores 1, moved by more than the tolerance 0', () => {
  const places = fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(places, (boundaries) => {
      const truth = boundaries.map((k) => at(k * 200));
      const same = scoreBoundaries(truth, found(...boundaries.map((k) => k * 200)), 0);
      assert.deepEqual([same.f1, same.falseAlarms], [1, 0]);
      assert.equal(scoreBoundaries(truth, found(...boundaries.map((k) => k * 200 + 26)), 25).f1, 0);
    }),
  );
});

test('returns: new ones want a new label, known ones an earlier of theirs', () => {
  const truth = [
    { first: 0, last: 99, label: 'a' },
    { first: 100, last: 199, label: 'b' },
    { first: 200, last: 299, label: 'a' },
  ];
  const named = (...labels: string[]) => truth.map((run, k) => ({ ...run, label: labels[k]! }));
  assert.equal(returnsAccuracy(truth, named('d1', 'd2', 'd1')), 1);
  assert.equal(returnsAccuracy(truth, named('d1', 'd2', 'd3')), 2 / 3);
  assert.equal(returnsAccuracy(truth, named('d1', 'd1', 'd1')), 2 / 3);
  assert.equal(returnsAccuracy(truth, named('d1', 'd2', 'd2')), 2 / 3);
  assert.equal(returnsAccuracy(truth, []), 1);
});

test('quantiles by nearest rank', () => {
  assert.equal(quantile([5, 1, 3], 0.5), 3);
  assert.equal(quantile([4, 1, 3, 2], 0.5), 2);
  assert.equal(quantile([1, 2], 0.95), 2);
  assert.ok(Number.isNaN(quantile([], 0.5)));
});
