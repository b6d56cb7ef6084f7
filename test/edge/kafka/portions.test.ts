import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { portions } from '../../../src/edge/kafka/portions.ts';

const cut = (sizes: number[], room: number, nothingWaits: boolean) =>
  portions(sizes, (size) => size, room, nothingWaits).map(({ items }) => items);

test('as far as there is room; alone where it is larger than all room', () => {
  assert.deepEqual(cut([4, 4, 4], 10, false), [[4, 4]]);
  assert.deepEqual(cut([11, 1], 10, false), []);
  assert.deepEqual(cut([11, 1], 10, true), [[11]]);
  assert.deepEqual(cut([], 10, true), []);
  assert.deepEqual(cut([2 << 20, 1], 1 << 30, false), [[2 << 20], [1]]);
  assert.deepEqual(
    cut(Array(2001).fill(0), 0, false).map(({ length }) => length),
    [2000, 1],
  );
});

test('property: a beginning of the items, in order, within the room but for one item alone', () => {
  const sizes = fc.array(fc.oneof(fc.nat(10), fc.nat(3 << 20)), { maxLength: 30 });
  fc.assert(
    fc.property(sizes, fc.nat(8 << 20), fc.boolean(), (items, room, nothingWaits) => {
      const made = portions(items, (size) => size, room, nothingWaits);
      const taken = made.flatMap((portion) => portion.items);
      assert.deepEqual(taken, items.slice(0, taken.length));
      const total = taken.reduce((sum, size) => sum + size, 0);
      if (total > room) assert.ok(nothingWaits && taken.length === 1);
      else if (taken.length < items.length) assert.ok(total + items[taken.length]! > room);
      for (const portion of made) {
        const sum = portion.items.reduce((all, size) => all + size, 0);
        assert.equal(portion.bytes, sum);
        assert.ok(sum <= 2 << 20 || portion.items.length === 1);
      }
    }),
  );
});
