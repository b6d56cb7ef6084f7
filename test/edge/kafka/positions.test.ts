import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  lagOf,
  type Mark,
  type OnLost,
  reached,
  settle,
  startPositions,
  toOffsets,
} from '../../../src/edge/kafka/positions.ts';
import { CptError } from '../../../src/errors.ts';

const marks = new Map<string, Mark>([
  ['t/0', { low: 5n, high: 10n }],
  ['t/1', { low: 0n, high: 0n }],
]);
const start = (from: Record<string, string> | null, onLost: OnLost = 'fail') =>
  startPositions(from, marks, onLost, 't');

test('a partition starts at its stored offset, else at its low mark', () => {
  assert.deepEqual(toOffsets(start(null).next), { 't/0': '5', 't/1': '0' });
  assert.deepEqual(toOffsets(start({ 't/0': '10' }).next), { 't/0': '10', 't/1': '0' });
});

test('a state of one topic, with bare partition numbers, is read as that topic', () => {
  assert.deepEqual(toOffsets(start({ 0: '10' }).next), { 't/0': '10', 't/1': '0' });
  assert.throws(() => startPositions({ 0: '10' }, marks, 'fail', null), /not one of this Kafka feed/);
});

test('offsets of a topic that is not read now are kept aside', () => {
  const { next, aside, lost } = start({ 't/0': '7', 'other/3': '99' });
  assert.deepEqual(toOffsets(next), { 't/0': '7', 't/1': '0' });
  assert.deepEqual(toOffsets(aside), { 'other/3': '99' });
  assert.deepEqual(lost, []);
});

test('lag and end', () => {
  const { next } = start({ 't/0': '7' });
  assert.equal(lagOf(next, marks), 3);
  assert.equal(reached(next, marks), false);
  next.set('t/0', 12n); // read beyond the marks as they were
  assert.equal(lagOf(next, marks), 0);
  assert.equal(reached(next, marks), true);
});

test('what is gone: an error, or where to go on and what that leaves out', () => {
  const mark = marks.get('t/0')!; // holds 5 to 9
  const place = { topic: 't', partition: 0 };
  assert.deepEqual(settle('t/0', 2n, mark, 'earliest'), {
    next: 5n,
    lost: { ...place, reason: 'removed', from: 2, to: 4, count: 3, next: 5 },
  });
  assert.deepEqual(settle('t/0', 2n, mark, 'latest'), {
    next: 10n,
    lost: { ...place, reason: 'removed', from: 2, to: 9, count: 8, next: 10 },
  });
  assert.deepEqual(settle('t/0', 11n, mark, 'earliest'), {
    next: 5n,
    lost: { ...place, reason: 'recreated', from: 11, to: null, count: null, next: 5 },
  });
  assert.equal(settle('t/0', 11n, mark, 'latest').next, 10n);
  assert.equal(settle('t/0', 3n, undefined, 'earliest').next, 0n);
  assert.throws(() => settle('t/0', 2n, mark, 'fail'), /Records 2 to 4 of t\[0\] were removed/);
  assert.throws(() => settle('t/0', 11n, mark, 'fail'), /it ends at 10, 11 was next/);
  assert.throws(() => settle('t/0', 3n, undefined, 'fail'), /there is no such partition/);
});

test('property: stored offsets survive, whatever is lost is told, anything else is a documented error', () => {
  const names = fc.oneof(
    fc.constantFrom('t/0', 't/1', 't/2', '0', '1', 'u/0', '-1', '', '__proto__'),
    fc.string(),
  );
  const values = fc.oneof(fc.nat(20).map(String), fc.string(), fc.constant('99999999999999999999999'));
  const stored = fc.dictionary(names, values);
  fc.assert(
    fc.property(stored, fc.constantFrom<OnLost>('fail', 'earliest', 'latest'), (from, onLost) => {
      try {
        const { next, lost } = start(from, onLost);
        for (const [place, offset] of next) {
          const { low, high } = marks.get(place)!;
          assert.ok(offset >= low && offset <= high);
          const told = lost.some(({ topic, partition }) => `${topic}/${partition}` === place);
          const texts = [from[place], from[place.slice(2)]].filter((text) => text !== undefined);
          if (texts.length === 1 && !told) assert.equal(offset, BigInt(texts[0]!));
        }
        if (onLost === 'fail') assert.deepEqual(lost, []);
      } catch (error) {
        assert.ok(error instanceof CptError && /^CPT_(KAFKA|STATE)$/.test(error.code), String(error));
      }
    }),
  );
});
