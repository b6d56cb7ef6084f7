import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Detector } from '../../src/domains/detector.ts';
import { featurize } from '../../src/domains/features.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

test('the statistic does not depend on how long sums have been carried on, nor on when they were made anew', () => {
  const [kind, other] = ['a', 'b'].map((name) => makeKind(makeRng('sums'), name, { least: 6, most: 9 }));
  const carried = new Detector(0);
  const anew = new Detector(0);
  const both = (text: string): void => {
    for (const detector of [carried, anew]) detector.push(featurize(text));
  };
  const texts = passages(kind!, 64);
  for (let k = 0; k < 5000; k++) both(texts[k % 64]!); // more than the sums are carried on over
  const seen = new Set<number>();
  for (const text of [...passages(kind!, 40), ...passages(other!, 40)]) {
    both(text);
    anew.rebuild();
    for (const detector of [carried, anew]) detector.examine(3.4, 30);
    assert.equal(carried.statistic, anew.statistic);
    seen.add(carried.statistic);
  }
  assert.ok(seen.size > 3 && Math.max(...seen) > 3.4);
});
