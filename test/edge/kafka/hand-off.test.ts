import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HandOff } from '../../../src/edge/kafka/hand-off.ts';

test('property: in order, complete, and never over the bound but for one item alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(15), { maxLength: 40 }), fc.array(fc.boolean()), async (sizes, naps) => {
      const queue = new HandOff<number>(10);
      const put = async (): Promise<void> => {
        for (const [item, size] of sizes.entries()) {
          while (!queue.hasRoom(size)) await queue.changed(1000);
          queue.put(item, size);
          assert.ok(queue.size <= 10 || queue.size === size, `${queue.size} wait`);
        }
        queue.close();
      };
      const taken: number[] = [];
      const take = async (): Promise<void> => {
        for (;;) {
          if (naps[taken.length]) await new Promise(setImmediate);
          const item = await queue.take(1000);
          if (item === undefined) return;
          taken.push(item);
        }
      };
      await Promise.all([put(), take()]);
      assert.deepEqual(taken, [...sizes.keys()]);
      assert.equal(queue.size, 0);
    }),
    { numRuns: 50 },
  );
});

test('nothing in time is undefined; after a failure what waits comes first', async () => {
  const queue = new HandOff<string>(1);
  assert.equal(await queue.take(1), undefined);
  queue.put('a', 5);
  queue.fail(new Error('gone'));
  assert.equal(await queue.take(1), 'a');
  await assert.rejects(queue.take(1), /gone/);
});

test('closing wakes a reader', async () => {
  const queue = new HandOff<string>(1);
  const taken = queue.take(60_000);
  queue.close();
  assert.equal(await taken, undefined);
});
