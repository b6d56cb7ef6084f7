import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUCKETS, featurize } from '../../src/domains/features.ts';
import { trend } from '../../src/domains/ramp.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind } from './language.ts';

const weights = new Float64Array(BUCKETS).fill(1);

/** Passages of b with chance `part(i)`, else of a. */
function between(seed: string, count: number, part: (i: number) => number) {
  const rng = makeRng(seed);
  const [a, b] = ['a', 'b'].map((name) => makeKind(rng, name));
  return Array.from({ length: count }, (_, i) => featurize((rng.uniform() < part(i) ? b! : a!).passage()));
}

test('on a straight line the parts change among themselves as much as from one to the other: near 1', () => {
  const line = between('line', 400, (i) => i / 400);
  const along = trend(line.slice(0, 200), line.slice(200), weights);
  assert.ok(along > 0.6 && along < 1.4, `${along}`);
});

test('a mixture that stays and then ends is a step: near 0', () => {
  const step = between('step', 400, (i) => (i < 250 ? 0.5 : 1));
  const along = trend(step.slice(0, 250), step.slice(250), weights);
  assert.ok(Math.abs(along) < 0.3, `${along}`);
});

test('the same passages have no way from one to the other', () => {
  const same = Array.from({ length: 40 }, () => featurize('all the same'));
  assert.equal(trend(same.slice(0, 20), same.slice(20), weights), 0);
});
