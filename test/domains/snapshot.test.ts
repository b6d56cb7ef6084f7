import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type PassageInput, Segmenter, type Verdict } from '../../src/domains/index.ts';
import { CptError } from '../../src/errors.ts';
import { makeRng } from '../../src/rng.ts';
import { makeKind, passages } from './language.ts';

const [a, b, c] = ['a', 'b', 'c'].map((name) => makeKind(makeRng('snapshot'), name));

/** Four detected domains, one of which returns, an explicit one, times and sizes. */
const stream: PassageInput[] = [
  ...passages(a!, 150).map((text, k) => ({ text, time: k })),
  ...passages(b!, 160).map((text, k) => ({ text, bytes: 100 + k })),
  ...passages(a!, 150).map((text) => ({ text })),
  ...passages(c!, 60).map((text) => ({ text, domain: 'Отзывы' })),
  ...passages(b!, 150).map((text) => ({ text })),
];

const options = { maxPassages: 155 };

/** Verdicts of the whole stream, the state being written and read back before each index of `cuts`. */
function run(cuts: ReadonlySet<number>): { verdicts: Verdict[]; last: Uint8Array } {
  let segmenter = new Segmenter(options);
  const verdicts: Verdict[] = [];
  for (const [k, passage] of stream.entries()) {
    if (cuts.has(k)) segmenter = Segmenter.restore(segmenter.snapshot(), options);
    verdicts.push(...segmenter.push(passage));
  }
  verdicts.push(...segmenter.end());
  return { verdicts, last: segmenter.snapshot() };
}

const whole = run(new Set());

test('the stream of these tests has what it should have', () => {
  const drifts = whole.verdicts.filter((verdict) => verdict.kind === 'drift');
  const ids = whole.verdicts.flatMap((verdict) => (verdict.kind === 'closed' ? [verdict.domain] : []));
  assert.equal(drifts.length, 2);
  assert.deepEqual(new Set(ids), new Set(['d1', 'd2', 'Отзывы']));
});

test('restored before every passage, the verdicts and the last state are the same, bit for bit', () => {
  assert.deepEqual(run(new Set(stream.keys())), whole);
});

test('restored anywhere, the verdicts and the last state are the same, bit for bit', () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 0, max: stream.length - 1 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(cuts, (at) => {
      assert.deepEqual(run(new Set(at)), whole);
    }),
    { numRuns: 10 },
  );
});

test('a restored state is written as the same bytes', () => {
  const segmenter = new Segmenter(options);
  for (const passage of stream) {
    segmenter.push(passage);
    if (segmenter.status.passages % 37 !== 0) continue;
    const bytes = segmenter.snapshot();
    assert.deepEqual(Segmenter.restore(bytes, options).snapshot(), bytes);
    assert.deepEqual(Segmenter.restore(bytes, options).status, segmenter.status);
  }
});

test('nothing looks ahead: a prefix of the stream gives a prefix of the verdicts', () => {
  for (const length of [1, 100, 179, 180, 400, 500, 600]) {
    const segmenter = new Segmenter(options);
    const verdicts = stream.slice(0, length).flatMap((passage) => segmenter.push(passage));
    assert.deepEqual(verdicts, whole.verdicts.slice(0, verdicts.length));
    for (const verdict of verdicts) assert.ok(verdict.detectedAt < length);
  }
});

test('a verdict does not wait: it is decided at the passage that brings it', () => {
  const segmenter = new Segmenter(options);
  for (const [k, passage] of stream.entries()) {
    for (const verdict of segmenter.push(passage)) assert.equal(verdict.detectedAt, k);
  }
});

test('a state from elsewhere, of another version, cut short or with a flipped bit is refused', () => {
  const bytes = whole.last;
  const refused = (damaged: Uint8Array, code: string): void => {
    assert.throws(
      () => Segmenter.restore(damaged),
      (error) => error instanceof CptError && error.code === code && error.hint !== undefined,
    );
  };
  refused(new Uint8Array(0), 'CPT_STATE');
  refused(new TextEncoder().encode('{"passages":12}'), 'CPT_STATE');
  const newer = bytes.slice();
  newer[4]!++;
  refused(newer, 'CPT_STATE_VERSION');
  fc.assert(
    fc.property(fc.integer({ min: 5, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const flipped = bytes.slice();
      flipped[at]! ^= 1 << bit;
      refused(flipped, 'CPT_STATE');
      refused(bytes.slice(0, at), 'CPT_STATE');
    }),
    { numRuns: 40 },
  );
});

test('the state stays small: 40 domains of 80-word passages take under 300 KB, forgotten ones nothing', () => {
  const segmenter = new Segmenter({ maxKnown: 40 });
  const kind = makeKind(makeRng('size'), 'a', { least: 80, most: 80 });
  const texts = passages(kind, 600);
  for (let k = 0; k < 60; k++) {
    for (const text of texts.slice(0, 40)) segmenter.push({ text, domain: `n${k}` });
  }
  for (const text of texts) segmenter.push({ text });
  assert.equal(segmenter.signatures().length, 40);
  const size = segmenter.snapshot().length;
  assert.ok(size < 300_000, `${size} bytes`);
});
