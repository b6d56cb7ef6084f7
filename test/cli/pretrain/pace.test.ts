/** Steps that fit the time, on a clock that the test moves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace } from '../../../src/cli/pretrain/pace.ts';
import { phasesDone, placeOf, type Round, roundProgress } from '../../../src/train/pretrain-plan.ts';

const round = (seconds: number | null, ...phases: [number | null, number, number, number][]): Round => ({
  trains: 'all',
  rate: { peak: 1, warmup: 0.1, decay: 1, fall: 'linear' },
  halfLife: 0,
  seconds,
  spent: 0,
  phases: phases.map(([steps, share, batch, length]) => ({ steps, share, batch, length, maskRate: 0.15 })),
});

/** Trains on the clock alone. @param secondsOf a step, given the time and its tokens */
function train(rounds: readonly Round[], secondsOf: (time: number, tokens: number) => number) {
  let time = 1000;
  const pace = new Pace(() => time);
  const progress: number[] = [];
  let step = 0;
  let planned = rounds;
  for (;;) {
    planned = pace.pace(planned, step);
    const place = placeOf(planned, step + 1);
    if (place === null) break;
    progress.push(place.round + roundProgress(planned[place.round]!, place));
    if (place.done === 0) time += 4; // compiles
    const { batch, length } = planned[place.round]!.phases[place.phase]!;
    time += secondsOf(time - 1000, batch * length);
    pace.stepped();
    step += 1;
    if (step % 50 === 0) time += 3; // evaluates and saves
  }
  return { took: time - 1000, step, rounds: planned, progress };
}

const rising = (values: readonly number[]) =>
  values.every((value, at) => at === 0 || value >= values[at - 1]!);

test('a training takes about its time, its phases their shares of it', () => {
  const plan = [round(1200, [null, 0.5, 64, 32], [null, 0.3, 16, 128], [null, 0.2, 32, 128])];
  const { took, rounds, step, progress } = train(plan, (_, tokens) => tokens / 4096);
  assert.ok(took > 1150 && took < 1230, String(took));
  const seconds = phasesDone(rounds, step).map(({ tokens }) => tokens / 4096);
  const all = seconds.reduce((sum, own) => sum + own, 0);
  for (const [at, share] of [0.5, 0.3, 0.2].entries()) assert.ok(Math.abs(seconds[at]! / all - share) < 0.03);
  assert.ok(rising(progress));
  assert.ok(progress.at(-1)! > 0.99, String(progress.at(-1)));
  assert.ok(Math.abs(rounds[0]!.spent - took) < 1e-6);
});

test('also on a machine that becomes four times as slow, and fast again', () => {
  const plan = [round(1200, [null, 0.5, 64, 32], [null, 0.5, 32, 128])];
  const { took, progress } = train(
    plan,
    (time, tokens) => (tokens / 4096) * (time > 300 && time < 900 ? 4 : 1),
  );
  assert.ok(took > 1100 && took < 1260, String(took));
  assert.ok(rising(progress) && progress.at(-1)! > 0.98, String(progress.at(-1)));
});

test('steps that are given are kept, and their time is counted', () => {
  const { took, step, rounds } = train([round(null, [7, 1, 4, 32]), round(60, [null, 1, 4, 32])], () => 0.5);
  assert.equal(rounds[0]!.phases[0]!.steps, 7);
  assert.ok(step > 90 && took > 55 && took < 80, `${step} ${took}`);
  assert.ok(Math.abs(rounds[0]!.spent - 7.5) < 0.51, String(rounds[0]!.spent));
});

test('a time that is over ends the training at the step that it is at', () => {
  const over = { ...round(10, [40, 1, 4, 32]), spent: 11 };
  const { step } = train([over], () => 1);
  assert.ok(step <= 20, String(step));
});
