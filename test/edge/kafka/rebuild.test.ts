import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Rebuild } from '../../../src/edge/kafka/rebuild.ts';

const gone = new Error('gone');
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Told delays and failures; every consumer that is built fails at once while `works` is false. */
function rebuilding(t: TestContext, forEver = false) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const delays: unknown[] = [];
  const failures: Error[] = [];
  const built = { works: false, count: 0 };
  const quiet = { debug() {}, info() {}, error() {} };
  const rebuild = new Rebuild({
    title: 'reviews',
    logger: { ...quiet, warn: (fields) => void delays.push((fields as { delay: number }).delay) },
    async build() {
      built.count++;
      if (!built.works) throw gone;
    },
    ...(forEver ? {} : { onFailure: (error: Error) => void failures.push(error) }),
  });
  const wait = async (milliseconds: number): Promise<void> => {
    t.mock.timers.tick(milliseconds);
    await settled();
  };
  return { rebuild, delays, failures, built, wait };
}

test('each after twice the time, five in a row, and progress begins anew', async (t) => {
  const { rebuild, delays, failures, built, wait } = rebuilding(t);
  rebuild.crashed(gone);
  await wait(199);
  assert.equal(built.count, 0);
  await wait(1);
  await wait(400);
  assert.deepEqual([built.count, delays], [2, [200, 400, 800]]);
  built.works = true;
  await wait(800);
  rebuild.progressed();
  built.works = false;
  rebuild.crashed(gone);
  for (const delay of [200, 400, 800, 1600, 3200]) await wait(delay);
  assert.deepEqual(delays.slice(3), [200, 400, 800, 1600, 3200]);
  assert.deepEqual([built.count, failures], [8, [gone]]);
});

test('where a right is missing none is built; where nobody is told it is tried for ever', async (t) => {
  const forbidden = Object.assign(new Error('no'), { type: 'GROUP_AUTHORIZATION_FAILED' });
  const one = rebuilding(t);
  one.rebuild.crashed(forbidden);
  assert.deepEqual([one.failures, one.delays], [[forbidden], []]);
  t.mock.timers.reset();
  const two = rebuilding(t, true);
  two.rebuild.crashed(forbidden);
  for (let k = 0; k < 9; k++) await two.wait(10_000);
  assert.deepEqual(two.delays.slice(5), [6400, 10_000, 10_000, 10_000, 10_000]);
});

test('one at a time, and none once it has ended or what waits is cancelled', async (t) => {
  const { rebuild, built, wait, delays } = rebuilding(t);
  built.works = true;
  rebuild.crashed(gone);
  rebuild.crashed(gone);
  await wait(10_000);
  assert.equal(built.count, 1);
  rebuild.crashed(gone);
  rebuild.cancel();
  await wait(10_000);
  rebuild.crashed(gone);
  rebuild.end();
  rebuild.crashed(gone);
  await wait(10_000);
  assert.deepEqual([built.count, delays], [1, [200, 400, 800, 1600]]);
});
