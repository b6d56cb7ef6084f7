import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decaySteps,
  modelConfig,
  PLAN_DEFAULTS,
  planOf,
  stepsInTime,
} from '../../../src/cli/pretrain/plan.ts';
import { CptError } from '../../../src/errors.ts';

function refused(flags: Parameters<typeof planOf>[0]): string {
  try {
    planOf(flags, null);
  } catch (error) {
    assert.ok(error instanceof CptError && error.code === 'CPT_USAGE');
    return error.message;
  }
  assert.fail('accepted');
}

test('flags go before the saved plan, the saved plan before the defaults', () => {
  const plan = planOf({ batch: '4', seed: 'other' }, { batch: 8, length: 64, steps: 100, decay: 10 });
  assert.deepEqual(plan, { ...PLAN_DEFAULTS, batch: 4, length: 64, seed: 'other', steps: 100, decay: 10 });
});

test('another end forgets the fall of the rate that was planned before the old one', () => {
  assert.equal(planOf({ steps: '200' }, { steps: 100, decay: 10 }).decay, null);
  assert.equal(planOf({ minutes: '5' }, { steps: 100, decay: 10 }).decay, null);
  assert.equal(planOf({ steps: '200', decay: '7' }, { steps: 100, decay: 10 }).decay, 7);
});

test('impossible values are wrong usage', () => {
  assert.equal(refused({ steps: '1.5' }), '--steps is a whole number from 1 to 1000000000, not "1.5".');
  assert.equal(refused({ 'learning-rate': '' }), '--learning-rate is a number from 1e-8 to 1, not "".');
  assert.equal(refused({ heads: '3' }), '--hidden 256 is not a multiple of --heads 3.');
  assert.equal(refused({ length: '600' }), '--length 600 is over --max-length 512.');
  assert.equal(
    refused({ steps: '5', minutes: '5' }),
    'Either --minutes or --steps decides how long to train, not both.',
  );
});

test('the position table has the two rows that RoBERTa keeps', () => {
  const config = modelConfig(PLAN_DEFAULTS, 8192, 1);
  assert.equal(config.maxPositions, 514);
  assert.deepEqual([config.vocabSize, config.hidden, config.layers], [8192, 256, 4]);
});

test('steps in the time left, and their last fifth', () => {
  assert.equal(stepsInTime(20, 60, 0.5), 140);
  assert.equal(stepsInTime(20, -3, 0.5), 21);
  assert.deepEqual([decaySteps(100, null), decaySteps(100, 0), decaySteps(100, 500)], [20, 0, 100]);
});
