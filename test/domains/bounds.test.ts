import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type PassageInput,
  Segmenter,
  type SegmenterOptions,
  type Verdict,
} from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

const [a, b] = ['a', 'b'].map((name) => makeKind(makeRng('bounds'), name));

function segment(stream: readonly PassageInput[], options: Partial<SegmenterOptions> = {}): Verdict[] {
  const segmenter = new Segmenter(options);
  return [...stream.flatMap((passage) => segmenter.push(passage)), ...segmenter.end()];
}

const shown = (verdicts: readonly Verdict[]): (string | number | null)[][] =>
  verdicts.flatMap((v) =>
    v.kind === 'closed' ? [[v.domain, v.first, v.last, v.detectedAt, v.returnOf]] : [],
  );

const named = (domain: string | null, count: number, kind = a!): PassageInput[] =>
  passages(kind, count).map((text) => ({ text, domain }));

test('a domain is closed at its bound by passages, and goes on under its id', () => {
  assert.deepEqual(shown(segment(named(null, 250), { maxPassages: 100 })), [
    ['d1', 0, 99, 99, null],
    ['d1', 100, 199, 199, 'd1'],
    ['d1', 200, 249, 249, 'd1'],
  ]);
});

test('a stream that ends at a bound has nothing left to close', () => {
  assert.deepEqual(shown(segment(named(null, 100), { maxPassages: 100 })), [['d1', 0, 99, 99, null]]);
  assert.deepEqual(segment([]), []);
});

test('the detector goes on over a bound: a change right behind it is found', () => {
  const stream = [...named(null, 300), ...named(null, 200, b)];
  const verdicts = segment(stream, { maxPassages: 290 });
  const drift = verdicts.find((v) => v.kind === 'drift');
  assert.ok(drift && Math.abs(drift.boundary - 300) <= 3);
  assert.deepEqual(
    shown(verdicts).map(([domain, first]) => [domain, first]),
    [
      ['d1', 0],
      ['d1', 290],
      ['d2', drift.boundary],
    ],
  );
});

test('a change just before a bound belongs to what comes behind it', () => {
  const stream = [...named(null, 300), ...named(null, 200, b)];
  const verdicts = segment(stream, { maxPassages: 310 });
  assert.equal(verdicts.filter((v) => v.kind === 'drift').length, 1);
  assert.deepEqual(
    shown(verdicts).map(([domain, first, last]) => [domain, first, last]),
    [
      ['d1', 0, 309],
      ['d2', 310, 499],
    ],
  );
});

test('by bytes: given sizes count, else those of the text in UTF-8', () => {
  const stream = named(null, 30).map((passage) => ({ ...passage, bytes: 100 }));
  assert.deepEqual(
    shown(segment(stream, { maxBytes: 1500 })).map((row) => row[2]),
    [14, 29],
  );
  for (const text of ['x'.repeat(100), 'ж'.repeat(50), '語'.repeat(33).concat('x'), '🦊'.repeat(25)]) {
    const plain = Array.from({ length: 30 }, () => ({ text }));
    assert.deepEqual(
      shown(segment(plain, { maxBytes: 1500 })).map((row) => row[2]),
      [14, 29],
    );
  }
});

test('bytes of the passages behind a cut belong to the new domain', () => {
  const stream = [...named(null, 300), ...named(null, 300, b)].map((passage) => ({ ...passage, bytes: 10 }));
  const verdicts = segment(stream, { maxBytes: 4000 });
  const boundary = verdicts.find((v) => v.kind === 'drift')!.boundary;
  assert.deepEqual(
    shown(verdicts).map((row) => row[2]),
    [boundary - 1, 599],
  );
});

test('by age and idle time, before the passage that is too late', () => {
  const small = { minPassages: 5 };
  const every = (seconds: number): PassageInput[] =>
    named(null, 50).map((passage, k) => ({ ...passage, time: 1000 + k * seconds }));
  assert.deepEqual(shown(segment(every(60), { ...small, maxAgeSeconds: 600 }))[0]!.slice(0, 4), [
    'd1',
    0,
    10,
    11,
  ]);
  const pause = every(1).map((passage, k) => (k < 20 ? passage : { ...passage, time: passage.time! + 3600 }));
  const verdicts = shown(segment(pause, { ...small, maxIdleSeconds: 600 }));
  assert.deepEqual(
    verdicts.map((row) => row.slice(1, 4)),
    [
      [0, 19, 20],
      [20, 49, 49],
    ],
  );
  assert.equal(shown(segment(named(null, 50), { ...small, maxAgeSeconds: 1, maxIdleSeconds: 1 })).length, 1);
});

test('a domain that is too small for a task is not closed by time', () => {
  const slow = named(null, 50).map((passage, k) => ({ ...passage, time: k * 1000 }));
  assert.deepEqual(
    shown(segment(slow, { maxAgeSeconds: 600, maxIdleSeconds: 600 })).map((row) => row.slice(1, 4)),
    [
      [0, 29, 30],
      [30, 49, 49],
    ],
  );
});

test('an explicit domain wins: it is cut where the name changes and nowhere else', () => {
  const stream = [
    ...named('reviews', 200),
    ...named('reviews', 200, b),
    ...named('news', 5),
    ...named('reviews', 5),
  ];
  assert.deepEqual(shown(segment(stream)), [
    ['reviews', 0, 399, 400, null],
    ['news', 400, 404, 409, null], // too small: held to the end, in case that more of it comes
    ['reviews', 405, 409, 409, 'reviews'],
  ]);
  assert.ok(segment(stream).every((verdict) => verdict.kind === 'closed'));
});

test('detection takes over where the name ends, and knows named domains again', () => {
  const stream = [...named('reviews', 200), ...named(null, 200, b), ...named(null, 200)];
  const verdicts = shown(segment(stream));
  assert.deepEqual(
    verdicts.map(([domain, , , , returnOf]) => [domain, returnOf]),
    [
      ['reviews', null],
      ['d1', null],
      ['reviews', 'reviews'],
    ],
  );
  assert.deepEqual(verdicts[0]!.slice(1, 4), [0, 199, 200]);
});

test('an id is never given twice: a name that looks like one is passed over', () => {
  const stream = [...named('d1', 100), ...named(null, 200, b)];
  assert.deepEqual(
    shown(segment(stream)).map((row) => row[0]),
    ['d1', 'd2'],
  );
});

test('a bound and a new name at the same passage', () => {
  const stream = [...named('x', 100), ...named('y', 100, b), ...named(null, 100)];
  assert.deepEqual(
    shown(segment(stream, { maxPassages: 100 })).map((row) => row.slice(0, 3)),
    [
      ['x', 0, 99],
      ['y', 100, 199],
      ['x', 200, 299],
    ],
  );
});

test('beyond the most that are remembered, the domain closed longest ago is forgotten', () => {
  const segmenter = new Segmenter({ maxKnown: 2 });
  for (const name of ['x', 'y', 'x', 'z', '']) {
    for (const passage of named(name || null, 60)) segmenter.push(passage);
  }
  assert.deepEqual(
    segmenter.signatures().map((signature) => signature.domain),
    ['x', 'z'],
  );
  const verdicts = named('y', 1).flatMap((passage) => segmenter.push(passage));
  verdicts.push(...segmenter.end());
  assert.equal(shown(verdicts).at(-1)![4], 'y'); // the name is still known as taken
});
