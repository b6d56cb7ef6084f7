import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  denseFeatures,
  type Features,
  MOST_DIMENSIONS,
  Segmenter,
  type Verdict,
} from '../../src/domains/index.ts';
import { makeRng } from '../../src/rng.ts';

test('signs have buckets of their own; counts follow the size in units of the root mean square', () => {
  // root mean square √((9 + 1 + 0 + 0.01 + 6) / 5) = 1.789…; 1.5 · 3 / 1.789 = 2.515, e^2.515 - 1 = 11.37
  const { bucket, count, value } = denseFeatures([3, -1, 0, 0.1, -Math.sqrt(6)]);
  assert.deepEqual([...bucket], [0, 3, 9]);
  assert.deepEqual([...count], [11, 1, 7]);
  const length = Math.hypot(Math.log(12), Math.log(2), Math.log(8));
  assert.ok(Math.abs(value[0]! - Math.log(12) / length) < 1e-6);
});

test('a vector without a direction has no buckets; too long a one is refused', () => {
  for (const vector of [[], [0, 0], [Number.NaN, 1], [Number.POSITIVE_INFINITY, 1]]) {
    assert.equal(denseFeatures(vector).bucket.length, 0);
  }
  assert.equal(denseFeatures(new Float32Array(MOST_DIMENSIONS).fill(-1)).bucket.at(-1), 1023);
  assert.throws(() => denseFeatures(new Float32Array(MOST_DIMENSIONS + 1)), RangeError);
});

test('property: length does not matter, and angles stay', () => {
  const vector = fc.integer().map((seed) => {
    const rng = makeRng(seed);
    return Float64Array.from({ length: 384 }, () => rng.normal());
  });
  fc.assert(
    fc.property(vector, vector, fc.double({ min: 0.01, max: 100, noNaN: true }), (a, b, factor) => {
      const mixed = a.map((value, k) => value + b[k]!);
      const longer = denseFeatures(a.map((value) => value * factor));
      assert.ok(cosine(folded(denseFeatures(a)), folded(longer)) > 0.999); // a count may be rounded the other way
      assert.ok(
        Math.abs(cosine(a, mixed) - cosine(folded(denseFeatures(a)), folded(denseFeatures(mixed)))) < 0.03,
      );
    }),
    { numRuns: 50 },
  );
});

test('a shift of the mean is cut, and a snapshot goes on exactly', () => {
  const rng = makeRng('dense');
  const [a, b] = [0, 1].map(() => Float64Array.from({ length: 64 }, () => 0.7 * rng.normal()));
  const draws = Array.from({ length: 400 }, (_, at) => {
    const centre = (at < 220 ? a : b)!;
    return denseFeatures(centre.map((value) => value + rng.normal()));
  });
  let segmenter = new Segmenter();
  const whole = new Segmenter();
  const verdicts: Verdict[] = [];
  const expected: Verdict[] = [];
  for (const [at, features] of draws.entries()) {
    verdicts.push(...segmenter.push({ text: '', features }));
    expected.push(...whole.push({ text: '', features }));
    if (at % 50 === 0) segmenter = Segmenter.restore(segmenter.snapshot());
  }
  assert.deepEqual(verdicts, expected);
  assert.deepEqual(
    verdicts.map((verdict) => (verdict.kind === 'drift' ? verdict.boundary : verdict.last)),
    [220, 219],
  );
});

function cosine(a: Float64Array, b: Float64Array): number {
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** The vector that features stand for: what is negative is taken off again. */
function folded({ bucket, value }: Features): Float64Array {
  const vector = new Float64Array(MOST_DIMENSIONS);
  for (const [k, at] of bucket.entries()) vector[at >> 1]! += at % 2 === 0 ? value[k]! : -value[k]!;
  return vector;
}
