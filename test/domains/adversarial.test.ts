/** Feeds that are wrong, hostile or merely odd: domains stay few, the state stays small, no passage is lost. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ClosedVerdict,
  type PassageInput,
  Segmenter,
  type SegmenterOptions,
} from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

const PASSAGES = 2400;
const rng = makeRng('adversarial');
const [own, other] = ['own', 'other'].map((name) =>
  passages(makeKind(rng, name, { least: 10, most: 20 }), PASSAGES),
);
const noise = rng.fork('noise');
const letters = () => String.fromCharCode(...Array.from({ length: 80 }, () => 33 + noise.int(50_000)));

interface Outcome {
  readonly closed: readonly ClosedVerdict[];
  /** Before the feed's end. */
  readonly early: number;
  /** Largest state, bytes. */
  readonly size: number;
}

/** Also asserts that every passage is in exactly one domain. */
function segment(stream: readonly PassageInput[], options: Partial<SegmenterOptions> = {}): Outcome {
  const segmenter = new Segmenter(options);
  const closed: ClosedVerdict[] = [];
  let size = 0;
  for (const [at, passage] of stream.entries()) {
    for (const verdict of segmenter.push(passage)) if (verdict.kind === 'closed') closed.push(verdict);
    if (at % 300 === 299) size = Math.max(size, segmenter.snapshot().open.length);
  }
  const early = closed.length;
  for (const verdict of segmenter.end()) if (verdict.kind === 'closed') closed.push(verdict);
  const taken = closed.flatMap(({ ranges }) =>
    ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, k) => first + k)),
  );
  assert.deepEqual(
    taken.toSorted((a, b) => a - b),
    [...stream.keys()],
  );
  for (const { first, last, ranges } of closed) {
    assert.deepEqual([first, last], [ranges[0]![0], ranges.at(-1)![1]]);
  }
  return { closed, early, size };
}

const stream = (passage: (at: number) => PassageInput, count = PASSAGES): PassageInput[] =>
  Array.from({ length: count }, (_, at) => passage(at));
const named = (name: (at: number) => string | null) =>
  stream((at) => ({ text: own![at]!, domain: name(at) }));
const timed = (time: (at: number) => number) => stream((at) => ({ text: own![at]!, time: time(at) }));
const bounds = { maxAgeSeconds: 86_400, maxIdleSeconds: 600 };
const decades = 1e9;

const oneDomain: [string, PassageInput[], Partial<SegmenterOptions>?][] = [
  ['one passage, again and again', stream(() => ({ text: own![0]! }))],
  ['passages without a token', stream(() => ({ text: '' }))],
  ['random letters of all scripts', stream(() => ({ text: letters() }), 1200)],
  ['two kinds, passage by passage', stream((at) => ({ text: (at % 2 === 0 ? own : other)![at]! }))],
  ['two passages in turn', stream((at) => ({ text: own![at % 2]! }))],
  ['a clock that goes backwards', timed((at) => -60 * at), bounds],
  ['a clock that goes to and fro', timed((at) => (at % 2) * decades), bounds],
  ['no name but one, once in a hundred', named((at) => (at % 100 === 99 ? null : 'a'))],
];

for (const [name, feed, options] of oneDomain) {
  test(`${name}: hardly a domain is closed before the end`, () => {
    const { early, size } = segment(feed, options);
    // 'a' runs that are long enough close where the name ends, as ever
    assert.ok(early <= (name.startsWith('no name') ? PASSAGES / 99 : 1), `${early} domains`);
    assert.ok(size < 200_000, `${size} bytes`);
  });
}

test('a bound by size closes one domain again and again, each time at its full size', () => {
  const { closed } = segment(
    stream((at) => ({ text: own![at]! })),
    { maxPassages: 400 },
  );
  assert.deepEqual(
    closed.map(({ domain, first, reason }) => [domain, first, reason]),
    Array.from({ length: 6 }, (_, k) => ['d1', 400 * k, 'passages']),
  );
});

test('a time decades ahead closes one domain, and the bounds hold again behind it', () => {
  const time = (at: number): number => (at === 800 ? decades : at < 1600 ? at : at + 3600);
  const { closed } = segment(timed(time), bounds);
  assert.deepEqual(
    closed.map(({ first, last, reason }) => [first, last, reason]),
    [
      [0, 799, 'age'],
      [800, 1599, 'idle'],
      [1600, 2399, 'end'],
    ],
  );
});

test('a clock that jumps decades at each passage closes a domain only at the least size of one', () => {
  const { early } = segment(
    timed((at) => at * decades),
    bounds,
  );
  assert.ok(early <= PASSAGES / 30, `${early} domains`);
});

test('names in turn stay open side by side, each closed at ten times the least size', () => {
  const { closed } = segment(named((at) => 'ab'[at % 2]!));
  assert.deepEqual(
    closed.map(({ domain, first, ranges, reason }) => [domain, first, ranges.length, reason]),
    [0, 600, 1200, 1800].flatMap((from) => [
      ['a', from, 300, 'explicit'],
      ['b', from + 1, 300, from === 1800 ? 'end' : 'explicit'],
    ]),
  );
  assert.deepEqual(
    closed.map(({ returnOf }) => returnOf),
    [null, null, ...Array.from({ length: 6 }, (_, k) => 'ab'[k % 2]!)],
  );
});

test('a name that comes with every second passage: what has none is one domain beside it', () => {
  const { closed } = segment(
    stream((at) => (at % 2 === 0 ? { text: own![at]!, domain: 'a' } : { text: other![at]! })),
  );
  assert.deepEqual(new Set(closed.map(({ domain }) => domain)), new Set(['a', 'd1']));
  assert.ok(closed.length <= 10, `${closed.length} domains`);
});

test('another name with each passage: they go together, and nothing is closed each few passages', () => {
  const { closed, early, size } = segment(named((at) => `user-${at}`));
  assert.ok(early <= PASSAGES / 300, `${early} domains`);
  assert.ok(closed.length <= PASSAGES / 300 + 34, `${closed.length} domains`); // at the end 32 keep their names
  assert.equal(closed[0]!.domain, 'mixed');
  assert.equal(closed[0]!.reason, 'crowded');
  assert.ok(size < 400_000, `${size} bytes`);
});

test('eighty names in turn: each is one domain', () => {
  const { closed, early, size } = segment(named((at) => `n${at % 80}`));
  assert.equal(early, 0);
  assert.equal(closed.length, 80);
  assert.ok(size < 1_000_000, `${size} bytes`);
});

test('whatever names come, no passage is lost, and restored anywhere the verdicts are the same', () => {
  const names = fc.array(fc.tuple(fc.option(fc.nat(5)), fc.nat(12)), { maxLength: 40 });
  const options = { minPassages: 3, maxPassages: 40, maxAgeSeconds: 200, maxIdleSeconds: 50 };
  fc.assert(
    fc.property(names, fc.array(fc.nat(400)), (runs, cuts) => {
      const inputs = runs.flatMap(([name, count]) =>
        Array.from({ length: count }, () => (name === null ? null : `n${name}`)),
      );
      const feed = inputs.map((domain, at) => ({ text: own![at]!, domain, time: (at * 7919) % 1000 }));
      const whole = segment(feed, options).closed;
      let segmenter = new Segmenter(options);
      const verdicts = feed.flatMap((passage, at) => {
        if (cuts.includes(at)) segmenter = Segmenter.restore(segmenter.snapshot(), options);
        return segmenter.push(passage);
      });
      assert.deepEqual(
        [...verdicts, ...segmenter.end()].filter(({ kind }) => kind === 'closed'),
        whole,
      );
    }),
    { numRuns: 30 },
  );
});

test('a passage of 10 MB is looked at by its beginning', () => {
  const segmenter = new Segmenter();
  const text = `${own!.slice(0, 600).join(' ')} `.repeat(200).slice(0, 10_000_000);
  assert.equal(text.length, 10_000_000);
  const verdicts = Array.from({ length: 8 }, () => segmenter.push({ text })).flat();
  assert.deepEqual(
    verdicts.map((verdict) => verdict.kind === 'closed' && [verdict.first, verdict.last, verdict.reason]),
    [[0, 6, 'bytes']],
  );
  assert.ok(segmenter.snapshot().open.length < 100_000);
});
