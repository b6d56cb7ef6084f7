/**
 * The whole program on a real broker, under a dozen faults of eight kinds: every number ends in one trained domain or
 * one dead letter. `bench/faults` is the long form.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scheduleOf } from '../../bench/faults/schedule.ts';
import { trial } from '../../bench/faults/trial.ts';
import { withBroker } from '../edge/kafka/with-broker.ts';

const FAULTS = 12;
const under = withBroker(); // says whether one can be had; faults are done to another

test('the seed decides the faults: which, when and how much', () => {
  assert.deepEqual(scheduleOf('a', 30), scheduleOf('a', 30));
  assert.notDeepEqual(scheduleOf('a', 30), scheduleOf('b', 30));
  assert.equal(new Set(scheduleOf('a', 8).map(({ kind }) => kind)).size, 8);
});

test(`${FAULTS} faults: nothing lost, nothing twice`, async (t) => {
  if (!under.broker(t)) return;
  const seed = process.env.CPT_TEST_SEED ?? '1';
  const say = (line: string): void => t.diagnostic(line);
  const result = await trial({ seed, texts: '1', passages: 3000, partitions: 6, faults: FAULTS, say });
  const { verdict, happened, exits, starts, disk, clock } = result;
  t.diagnostic(`seed ${seed}: ${JSON.stringify({ happened, exits, starts, disk, clock })}`);
  const { lost, twice, passages, letters } = verdict;
  assert.deepEqual({ lost, twice }, { lost: [], twice: [] });
  assert.deepEqual([passages, letters], [2969, 31]); // of 3,000 numbers 97 divides 31
  const total = Object.values(happened).reduce((sum, count) => sum + count, 0);
  assert.ok(total >= FAULTS / 2, `${total} of ${FAULTS} faults met something`);
});
