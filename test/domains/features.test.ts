import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BUCKETS, type Features, featurize, fromCounts, MAX_CHARACTERS } from '../../src/domains/features.ts';

/** Tokens counted: the buckets of distinct test words do not collide unless a test says so. */
function tokens(text: string): number {
  return featurize(text).count.reduce((sum, count) => sum + count, 0);
}

function sameAs(a: string, b: string): void {
  assert.deepEqual(featurize(a), featurize(b));
}

test('log(1 + count) over the length, worked by hand', () => {
  // "tea tea cup": counts 2 and 1; ln 3 = 1.098612, ln 2 = 0.693147; length √(1.206949 + 0.480453) = 1.298999
  const { bucket, count, value } = featurize('Tea tea cup');
  assert.equal(bucket.length, 2);
  const twice = count.indexOf(2);
  assert.deepEqual([...count].sort(), [1, 2]);
  assert.ok(Math.abs(value[twice]! - 0.845737) < 1e-6);
  assert.ok(Math.abs(value[1 - twice]! - 0.5336) < 1e-6);
});

test('a token is a word, a run of digits or a single sign; case, spaces and controls do not count', () => {
  assert.equal(tokens('The cafe, 2016!'), 5); // the cafe , 2016 !
  assert.equal(tokens('...'), 3);
  assert.equal(tokens('a1b'), 3); // a 1 b
  assert.equal(tokens(' \t\u0000\u200b\u00a0'), 0);
  sameAs('THE CAFÉ', 'the  café');
  sameAs('cafe\u0301', 'caf\u00e9'); // composed and decomposed
  sameAs('Straße', 'straße');
});

test('letters of scripts with spaces make words, marks belong to them', () => {
  assert.equal(tokens('Слово за слово'), 3);
  assert.equal(featurize('Слово за слово').bucket.length, 2);
  assert.equal(tokens('हिन्दी भाषा'), 2);
  assert.equal(tokens('한국어 문장'), 2);
});

test('scripts without spaces give grams of one and two characters', () => {
  assert.equal(tokens('東京都'), 5); // 東 京 都 東京 京都
  assert.equal(tokens('東京。都'), 5); // 東 京 東京 。 都: no gram over a sign
  assert.equal(tokens('ไทย'), 5);
  assert.equal(tokens('𠀀𠀁'), 3); // beyond the basic plane: two characters, not four
});

test('an empty text has no buckets, and only the beginning of a long one is read', () => {
  assert.equal(featurize('').bucket.length, 0);
  const long = 'ab '.repeat(MAX_CHARACTERS);
  assert.deepEqual(featurize(long), featurize(long.slice(0, MAX_CHARACTERS)));
  assert.deepEqual([...featurize(long).count], [255]); // counts saturate
});

test('any text gives ascending buckets, counts that fit and length 1; the counts alone restore it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.lorem({ maxCount: 30 }));
  fc.assert(
    fc.property(text, (passage) => {
      const features: Features = featurize(passage);
      let squares = 0;
      for (const [k, bucket] of features.bucket.entries()) {
        assert.ok(bucket < BUCKETS && (k === 0 || bucket > features.bucket[k - 1]!));
        assert.ok(features.count[k]! > 0);
        squares += features.value[k]! ** 2;
      }
      assert.ok(features.bucket.length === 0 || Math.abs(squares - 1) < 1e-5);
      assert.deepEqual(fromCounts(features.bucket, features.count), features);
    }),
  );
});

test('buckets are used evenly', () => {
  const used = new Uint32Array(BUCKETS);
  for (let i = 0; i < 20_000; i++)
    for (const bucket of featurize(`w${i.toString(36)}x`).bucket) used[bucket]!++;
  // Words, digits and letters between: some 3 buckets a text; no bucket has more than a hundredth but the shared ones.
  assert.ok(used.filter((count) => count > 0).length > 0.95 * BUCKETS);
});

test('features stay what they were while others are made after them, of a text of any length', () => {
  const texts = Array.from({ length: 300 }, (_, at) =>
    Array.from({ length: (at * 37) % 1500 }, (_, word) => `w${at + word}`).join(' '),
  );
  const rows = texts.map(featurize);
  for (const [at, { bucket, count, value }] of rows.entries()) {
    assert.deepEqual({ bucket, count, value }, fromCounts(bucket.slice(), count.slice()));
    assert.deepEqual(rows[at], featurize(texts[at]!));
  }
});
