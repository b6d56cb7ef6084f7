import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatMap, delay, lastValueFrom, map, of, take, throwError, toArray } from 'rxjs';
import { pull } from '../../src/stream/pull.ts';

function counter(limit: number) {
  const reads: number[] = [];
  let next = 0;
  const read = async (): Promise<number | null> => {
    reads.push(next);
    return next < limit ? next++ : null;
  };
  return { read, reads };
}

test('an item is read when the one before has gone all the way through', async () => {
  const { read, reads } = counter(4);
  const seen: [item: number, readsThen: number][] = [];
  const slow = pull(read, (items) =>
    items.pipe(
      delay(3),
      map((item) => {
        seen.push([item, reads.length]);
        return item;
      }),
    ),
  );
  assert.deepEqual(await lastValueFrom(slow.pipe(toArray())), [0, 1, 2, 3]);
  assert.deepEqual(seen, [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ]);
});

test('one item may give none or many', async () => {
  const { read } = counter(3);
  const many = pull(read, (items) => items.pipe(concatMap((n) => of(...Array<number>(n).fill(n)))));
  assert.deepEqual(await lastValueFrom(many.pipe(toArray())), [1, 2, 2]);
});

test('it reads no more once nobody listens', async () => {
  const { read, reads } = counter(1000);
  await lastValueFrom(
    pull(
      read,
      map((n) => n),
    ).pipe(take(3)),
  );
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(reads.length, 3);
});

test('a failing read and a failing operator fail the stream', async () => {
  const failing = pull(
    () => Promise.reject(new Error('feed')),
    map((n) => n),
  );
  await assert.rejects(lastValueFrom(failing), /feed/);
  const { read } = counter(2);
  const broken = pull(read, (items) => items.pipe(concatMap(() => throwError(() => new Error('step')))));
  await assert.rejects(lastValueFrom(broken), /step/);
});
