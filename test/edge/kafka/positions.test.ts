import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lagOf, type Mark, reached, startPositions, toOffsets } from '../../../src/edge/kafka/positions.ts';
import { CptError } from '../../../src/errors.ts';

const marks = new Map<number, Mark>([
  [0, { low: 5n, high: 10n }],
  [1, { low: 0n, high: 0n }],
]);

test('a partition starts at its stored offset, else at its low mark', () => {
  assert.deepEqual(toOffsets(startPositions('t', null, marks)), { 0: '5', 1: '0' });
  assert.deepEqual(toOffsets(startPositions('t', { 0: '10' }, marks)), { 0: '10', 1: '0' });
});

test('lag and end', () => {
  const next = startPositions('t', { 0: '7' }, marks);
  assert.equal(lagOf(next, marks), 3);
  assert.equal(reached(next, marks), false);
  next.set(0, 12n); // read beyond the marks as they were
  assert.equal(lagOf(next, marks), 0);
  assert.equal(reached(next, marks), true);
});

test('property: stored offsets survive; anything else is a documented error', () => {
  const offsets = fc.dictionary(
    fc.oneof(fc.constantFrom('0', '1', '2', '-1', '', '__proto__'), fc.string()),
    fc.oneof(fc.nat(20).map(String), fc.string(), fc.constant('99999999999999999999999')),
  );
  fc.assert(
    fc.property(offsets, (from) => {
      try {
        const next = startPositions('t', from, marks);
        for (const [partition, offset] of next) {
          const { low, high } = marks.get(partition)!;
          assert.ok(offset >= low && offset <= high);
          if (from[String(partition)] !== undefined) assert.equal(offset, BigInt(from[String(partition)]!));
        }
      } catch (error) {
        assert.ok(error instanceof CptError && /^CPT_(KAFKA|STATE)$/.test(error.code), String(error));
      }
    }),
  );
});
