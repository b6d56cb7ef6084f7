import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteReader, ByteWriter } from '../../src/domains/bytes.ts';
import { BUCKETS, fromCounts } from '../../src/domains/features.ts';
import { readPassages, writePassages } from '../../src/domains/packed.ts';

test('one byte for a near bucket with a small count, more for the others: worked by hand', () => {
  const out = new ByteWriter();
  // 5: five skipped, once. 6: none skipped, three times. 70: 63 skipped, twice. 71: none skipped, nine times.
  writePassages(out, [fromCounts(Uint16Array.of(5, 6, 70, 71), Uint8Array.of(1, 3, 2, 9))]);
  assert.deepEqual([...out.finish()], [1, 0, 0, 0, 4, 0, 5, 0x80, 0x7f, 70, 0, 0xc0, 9]);
});

test('any passages come back as they were', () => {
  const counts = fc.array(fc.tuple(fc.nat({ max: BUCKETS - 1 }), fc.integer({ min: 1, max: 255 })), {
    maxLength: 80,
  });
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 5 }), (rows) => {
      const passages = rows.map((row) => {
        const entries = [...new Map(row)].sort(([a], [b]) => a - b);
        return fromCounts(
          Uint16Array.from(entries, ([b]) => b),
          Uint8Array.from(entries, ([, c]) => c),
        );
      });
      const out = new ByteWriter();
      writePassages(out, passages);
      assert.deepEqual(readPassages(new ByteReader(out.finish()), 5), passages);
    }),
  );
});

test('too many passages, or buckets that no passage has, are refused', () => {
  const read = (...bytes: number[]) => readPassages(new ByteReader(Uint8Array.from(bytes)), 1);
  assert.throws(() => read(2, 0, 0, 0), RangeError);
  assert.throws(() => read(1, 0, 0, 0, 1, 0, 63, 0, 4), RangeError); // bucket 1,024
  assert.throws(() => read(1, 0, 0, 0, 2, 0, 9, 63, 3, 0), RangeError); // bucket 3 behind 9
  assert.throws(() => read(1, 0, 0, 0, 9, 0, 1), RangeError); // cut short
});
