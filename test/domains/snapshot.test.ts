import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decodeSignature,
  encodeSignature,
  type PassageInput,
  Segmenter,
  type Snapshot,
  type Verdict,
} from '../../src/domains/index.ts';
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
function run(cuts: ReadonlySet<number>): { verdicts: Verdict[]; last: Snapshot } {
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
    const snapshot = segmenter.snapshot();
    assert.deepEqual(Segmenter.restore(snapshot, options).snapshot(), snapshot);
    assert.deepEqual(Segmenter.restore(snapshot, options).status, segmenter.status);
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
  const { open: bytes, known } = whole.last;
  const refused = (damaged: Uint8Array, code: string): void => {
    assert.throws(
      () => Segmenter.restore({ open: damaged, known }),
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

test('signatures come back from their bytes; damaged, missing or strange ones are refused', () => {
  const { open, known } = whole.last;
  const again = known.map((signature) => decodeSignature(encodeSignature(signature)));
  assert.deepEqual(again, known);
  assert.deepEqual(Segmenter.restore({ open, known: again.toReversed() }, options).snapshot(), whole.last);
  const bytes = encodeSignature(known[0]!);
  bytes[bytes.length >> 1]! ^= 1;
  assert.throws(() => decodeSignature(bytes), { code: 'CPT_STATE' });
  bytes[4]!++;
  assert.throws(() => decodeSignature(bytes), { code: 'CPT_STATE_VERSION' });
  assert.throws(() => Segmenter.restore({ open, known: known.slice(1) }), { code: 'CPT_STATE' });
  const stranger = { ...known[0]!, domain: 'stranger' };
  assert.throws(() => Segmenter.restore({ open, known: [...known, stranger] }), { code: 'CPT_STATE' });
});

test('a known domain that did not change is the same object in the next snapshot', () => {
  const segmenter = new Segmenter();
  const push = (domain: string): void => {
    for (const text of passages(a!, 40)) segmenter.push({ text, domain });
  };
  const snapshots = ['x', 'y', 'x', 'z'].map((domain) => {
    push(domain);
    return new Map(segmenter.snapshot().known.map((signature) => [signature.domain, signature]));
  });
  const [, x, xy, yx] = snapshots;
  assert.deepEqual([...yx!.keys()], ['y', 'x']);
  assert.equal(yx!.get('y'), xy!.get('y'));
  assert.equal(xy!.get('x'), x!.get('x'));
  assert.notEqual(yx!.get('x'), xy!.get('x'));
});

test('the state stays small: 40 domains of 80-word passages take under 300 KB, 120 of them with each batch', () => {
  const segmenter = new Segmenter({ maxKnown: 40 });
  const kind = makeKind(makeRng('size'), 'a', { least: 80, most: 80 });
  const texts = passages(kind, 600);
  for (let k = 0; k < 60; k++) {
    for (const text of texts.slice(0, 40)) segmenter.push({ text, domain: `n${k}` });
  }
  for (const text of texts) segmenter.push({ text });
  assert.equal(segmenter.signatures().length, 40);
  const { open, known } = segmenter.snapshot();
  const signatures = known.reduce((sum, signature) => sum + encodeSignature(signature).length, 0);
  assert.ok(open.length < 120_000, `${open.length} bytes`);
  assert.ok(signatures < 180_000, `${signatures} bytes`);
});
