import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFull, paceOf } from '../../../src/edge/run/pace.ts';

test('a task may begin an interval after the one before; a clock set back makes none wait longer', () => {
  let now = 1000;
  const pace = paceOf(60, () => now);
  assert.equal(pace.wait(null), 0);
  assert.equal(pace.wait(1000), 60);
  now = 1045;
  assert.equal(pace.wait(1000), 15);
  now = 1060;
  assert.equal(pace.wait(1000), 0);
  now = 10;
  assert.equal(pace.wait(1000), 60);
  assert.equal(paceOf(0, () => now).wait(1000), 0);
});

test('a rest ends with its time or sooner, and tells how long it was', async () => {
  let now = 0;
  const pace = paceOf(60, () => now++);
  assert.equal(await pace.rest(1e9, Promise.resolve()), 1);
  assert.equal(await pace.rest(0.001, new Promise(() => setTimeout(() => {}, 20))), 1);
  const back = paceOf(60, () => now--);
  assert.equal(await back.rest(1e9, Promise.resolve()), 0);
});

test('the feed is held back by passages, bytes or tasks that wait, but never where no task can make room', () => {
  const bounds = { passages: 10, bytes: 100, tasks: 2 };
  const none = { tasks: 5, trained: 4, waitingPassages: 0, waitingBytes: 0 };
  const rest = {
    offsets: null,
    accepted: 0,
    deadLetters: 0,
    deadLetterBytes: 0,
    ended: false,
    begunAt: null,
  };
  const full = (counts: Partial<typeof none>) => isFull({ ...rest, ...none, ...counts }, bounds);
  assert.deepEqual(
    [
      {},
      { waitingPassages: 11 },
      { waitingBytes: 101 },
      { trained: 2 },
      { trained: 5, waitingBytes: 1e9 },
    ].map(full),
    [false, true, true, true, false],
  );
});
