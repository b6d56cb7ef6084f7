import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { gateScaleAt, learningRateAt, linearSchedule } from '../../src/train/schedule.ts';

test('warm-up over a tenth, then linear to nearly zero', () => {
  const schedule = linearSchedule(1, 20);
  const rates = Array.from({ length: 20 }, (_, at) => learningRateAt(schedule, at + 1));
  assert.deepEqual(rates.slice(0, 4), [0.5, 1, 1, 17 / 18]);
  assert.ok(Math.abs(rates[19]! - 1 / 18) < 1e-12);
});

test('a plateau between rise and fall', () => {
  const schedule = { peak: 2, steps: 10, warmup: 2, decay: 4 };
  const rates = Array.from({ length: 10 }, (_, at) => learningRateAt(schedule, at + 1));
  assert.deepEqual(rates, [1, 2, 2, 2, 2, 2, 2, 1.5, 1, 0.5]);
});

test('every rate lies in (0, peak], and the gate only hardens', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      (steps, warmup) => {
        const schedule = linearSchedule(3, steps, warmup);
        for (let step = 1; step <= steps; step++) {
          const rate = learningRateAt(schedule, step);
          assert.ok(rate > 0 && rate <= 3);
          if (step > 1) assert.ok(gateScaleAt(step, steps, 400) > gateScaleAt(step - 1, steps, 400));
        }
      },
    ),
  );
});
