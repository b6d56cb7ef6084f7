import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patiently } from '../../src/edge/patience.ts';

const rests = { first: 1, longest: 2 };

test('it tries until it works, and says since when it failed', async () => {
  let clock = 100;
  let left = 3;
  const told: unknown[] = [];
  const result = await patiently(
    async () => {
      clock += 1; // an attempt takes a second
      if (left-- > 0) throw new Error(`left ${left}`);
      return 'done';
    },
    {
      rests,
      clock: () => clock,
      failed: (error, seconds) => told.push([(error as Error).message, seconds]),
      recovered: (seconds) => told.push(['recovered', seconds]),
    },
  );
  assert.equal(result, 'done');
  assert.deepEqual(told, [
    ['left 2', 1],
    ['left 1', 2],
    ['left 0', 3],
    ['recovered', 4],
  ]);
});

test('what works at once tells nothing; what `failed` throws ends it; a rest is left when woken', async () => {
  const never = (): never => assert.fail('told');
  const quiet = { clock: () => 0, failed: never, recovered: never };
  assert.equal(await patiently(async () => 1, quiet), 1);
  const stop = new AbortController();
  let tries = 0;
  const trying = patiently(
    async () => {
      tries += 1;
      if (tries === 2) throw new Error('the second');
      setImmediate(() => stop.abort());
      throw new Error('the first');
    },
    {
      ...quiet,
      signal: stop.signal,
      rests: { first: 3_600_000, longest: 3_600_000 }, // an hour
      failed: (error) => {
        if (tries === 2) throw error;
      },
    },
  );
  await assert.rejects(trying, /the second/);
});
