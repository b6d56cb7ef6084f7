import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  gateScaleAt,
  learningRateAt,
  linearSchedule,
  type RateCurve,
  rateAt,
} from '../../src/train/schedule.ts';

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

test('a rate curve by hand: rise over a fifth, plateau, fall over the last half', () => {
  const linear: RateCurve = { peak: 4, warmup: 0.2, decay: 0.5, fall: 'linear' };
  const at = (curve: RateCurve) =>
    [0, 0.1, 0.2, 0.4, 0.5, 0.75, 1].map((progress) => rateAt(curve, progress));
  assert.deepEqual(at(linear), [0, 2, 4, 4, 4, 2, 0]);
  const cosine = at({ ...linear, fall: 'cosine' });
  assert.deepEqual(cosine.slice(0, 5), [0, 2, 4, 4, 4]);
  assert.ok(Math.abs(cosine[5]! - 2) < 1e-12 && Math.abs(cosine[6]!) < 1e-12);
  assert.deepEqual(at({ peak: 4, warmup: 0, decay: 0, fall: 'cosine' }), [4, 4, 4, 4, 4, 4, 4]);
});

test('a rate curve rises, then never rises again, and stays in (0, peak] inside the way', () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      share,
      share,
      fc.constantFrom('linear' as const, 'cosine' as const),
      (warmup, decay, fall) => {
        const curve = { peak: 3, warmup, decay, fall };
        let before = 0;
        for (let k = 0; k < 200; k++) {
          const progress = (k + 0.5) / 200;
          const rate = rateAt(curve, progress);
          assert.ok(rate > 0 && rate <= 3, String(rate));
          if (progress < warmup) assert.ok(rate > before);
          else if (k > 0 && (k - 0.5) / 200 >= warmup) assert.ok(rate <= before + 1e-12);
          before = rate;
        }
      },
    ),
  );
});
