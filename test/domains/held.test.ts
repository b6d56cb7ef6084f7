import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { featurize } from '../../src/domains/features.ts';
import { type Held, HeldDomains, MIXED } from '../../src/domains/held.ts';
import { countOf, joinRanges, type Range } from '../../src/domains/ranges.ts';

const held = (name: string, first: number, last = first): Held => ({
  name,
  ranges: [[first, last]],
  passages: last - first + 1,
  bytes: 10,
  features: Array.from({ length: last - first + 1 }, () => featurize(name)),
  words: [[name]],
  firstTime: first,
  lastTime: last,
  continues: null,
});

test('pieces of one name come together, with their extent', () => {
  const domains = new HeldDomains();
  for (const piece of [held('a', 0, 3), held('b', 4), held('a', 5), held('a', 6, 9)]) domains.put(piece);
  const a = domains.take('a')!;
  assert.deepEqual(a.ranges, [
    [0, 3],
    [5, 9],
  ]);
  assert.deepEqual([a.passages, a.bytes, a.features.length, a.firstTime, a.lastTime], [9, 30, 9, 0, 9]);
  assert.deepEqual([domains.take('a'), domains.size, domains.passages], [null, 1, 1]);
});

test('where there are too many names, the one used longest ago goes; what is mixed stays', () => {
  const domains = new HeldDomains();
  for (const [at, name] of [MIXED, 'a', 'b', 'a', 'c'].entries()) domains.put(held(name, at));
  assert.equal(domains.crowded(3), null);
  assert.equal(domains.crowded(2)?.name, 'b');
  assert.equal(domains.crowded(1)?.name, 'a');
  assert.deepEqual(
    [...domains].map(({ name }) => name),
    [MIXED, 'c'],
  );
});

test('where passages are too many, domains go until there is room', () => {
  const domains = new HeldDomains();
  const features = Array.from({ length: 400 }, () => featurize('a b c')); // 4 of weight each
  for (let at = 0; at < 700; at++) domains.put({ ...held(`n${at % 200}`, at), passages: 400, features });
  let gone = 0;
  while (domains.crowded() !== null) gone++;
  assert.ok(gone > 0);
  const weight = [...domains].reduce((sum, { features }) => sum + features.length * 4, 0);
  assert.ok(weight <= 1 << 20 && weight > (1 << 20) - 7 * 1600, `${weight}`);
});

test('ranges joined are ascending, separate, and hold the same indices', () => {
  const indices = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 40 });
  fc.assert(
    fc.property(indices, fc.func(fc.boolean()), (all, inFirst) => {
      const ranges = (some: readonly number[]): Range[] =>
        some.reduce<Range[]>((so, index) => joinRanges(so, [[index, index]]), []);
      const joined = joinRanges(
        ranges(all.filter((at) => inFirst(at))),
        ranges(all.filter((at) => !inFirst(at))),
      );
      const held = joined.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, k) => from + k));
      assert.deepEqual(
        held,
        all.toSorted((a, b) => a - b),
      );
      assert.equal(countOf(joined), all.length);
      assert.ok(joined.every(([from], at) => at === 0 || from > joined[at - 1]![1] + 1));
    }),
    { numRuns: 50 },
  );
});
