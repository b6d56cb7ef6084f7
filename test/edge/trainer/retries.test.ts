import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ended } from '../../../src/edge/trainer/attempt.ts';
import { TRAINER_DEFAULTS } from '../../../src/edge/trainer/options.ts';
import { Retries } from '../../../src/edge/trainer/retries.ts';

const ended = (of: Ended['of'], memory: number | null = null): Ended => ({
  kind: 'ended',
  of,
  how: 'SIGKILL',
  memory,
  patience: 30,
});

test('for want of memory passes are halved down to one block, then it is given up', () => {
  const retries = new Retries({ ...TRAINER_DEFAULTS, maxMemory: 4e9 }, 7);
  const sizes: number[] = [];
  let size = 48;
  for (;;) {
    try {
      const { code, message, microBatch } = retries.after(ended('memory', 4.2e9), size);
      assert.equal(code, 'CPT_MEMORY');
      assert.match(message, /at 4\.20 GB, of 4\.00 GB allowed .*Passes now have \d+ blocks?, not \d+\./);
      sizes.push(microBatch!);
      size = microBatch!;
    } catch (error) {
      assert.equal((error as { code: string }).code, 'CPT_MEMORY');
      break;
    }
  }
  assert.deepEqual(sizes, [24, 12, 6, 3, 1]);
  assert.throws(() => retries.after(ended('memory', 4.2e9), null), {
    code: 'CPT_MEMORY',
    message: /before its first pass/,
  });
});

test('deaths wait longer and longer and end after ten, hangs after three; what gets farther counts anew', () => {
  const retries = new Retries(TRAINER_DEFAULTS, 7);
  const delays = Array.from({ length: 9 }, () => retries.after(ended('death'), 4).delay);
  assert.deepEqual(delays.slice(0, 4), [100, 200, 400, 800]);
  assert.equal(delays.at(-1), 10_000);
  retries.reached(5);
  assert.equal(retries.after(ended('death'), 4).delay, 100);
  for (let death = 2; death < 10; death++) retries.after(ended('death'), 4);
  retries.reached(5); // no farther than before
  assert.throws(() => retries.after(ended('death'), 4), { code: 'CPT_TRAIN', message: /tried 10 times/ });

  const silent = new Retries(TRAINER_DEFAULTS, 7);
  assert.deepEqual(silent.after(ended('hang'), 4), {
    code: 'CPT_HANG',
    message: 'The trainer process gave no sign of life for 30 s and was ended.',
    microBatch: 4,
    delay: 0,
  });
  silent.after(ended('hang'), 4);
  assert.throws(() => silent.after(ended('hang'), 4), { code: 'CPT_HANG', message: /tried 3 times/ });
});
