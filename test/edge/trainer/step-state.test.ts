import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import {
  forgetStepState,
  StepStateFile,
  type StepStateOptions,
} from '../../../src/edge/trainer/step-state.ts';
import type { CptError } from '../../../src/errors.ts';
import type { TaskState } from '../../../src/train/task.ts';

const folder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-step-state-'));
const state = (step: number): TaskState => ({
  step,
  slots: {
    a: { value: Float32Array.of(step, -0), first: Float32Array.of(1, 2), second: Float32Array.of(3, 4) },
    b: { value: Float32Array.of(Number.NaN), first: Float32Array.of(5), second: Float32Array.of(6) },
  },
});

function opened(place: string, other: Partial<StepStateOptions> = {}) {
  const clock = { now: 0 };
  const warnings: CptError[] = [];
  const options: StepStateOptions = {
    folder: place,
    key: 'k',
    sizes: { a: 2, b: 1 },
    every: 60,
    clock: () => clock.now,
    warn: (error) => warnings.push(error),
    ...other,
  };
  return { file: new StepStateFile(options), clock, warnings };
}

const save = (file: StepStateFile, { step, slots }: TaskState): Promise<void> =>
  file.save(step, () => Promise.resolve(slots));

test('a state is saved when it is time, and read back bit for bit by who has the same inputs', async () => {
  const place = folder();
  const { file, clock } = opened(place);
  await file.save(1, () => assert.fail('it is not time to ask a device for them'));
  assert.deepEqual(fs.readdirSync(place), [], 'it is not time yet');
  clock.now = 60;
  await save(file, state(2));
  clock.now = 100;
  await save(file, state(3));
  assert.deepEqual(opened(place).file.read(), state(2));
  clock.now = 120;
  await save(file, state(4));
  assert.deepEqual(opened(place).file.read(), state(4));
  assert.equal(fs.readdirSync(place).length, 1, 'one file, replaced');
  assert.equal(opened(place, { key: 'other' }).file.read(), null);
  assert.equal(opened(place, { sizes: { a: 2, b: 2 } }).file.read(), null);
  assert.equal(opened(place, { sizes: { a: 2, c: 1 } }).file.read(), null);
  forgetStepState(place);
  assert.deepEqual(fs.readdirSync(place), []);
  assert.equal(opened(place).file.read(), null);
  forgetStepState(place);
});

test('a damaged file is none', async () => {
  const place = folder();
  const { file } = opened(place, { every: 0 });
  await save(file, state(2));
  const [name] = fs.readdirSync(place);
  const bytes = fs.readFileSync(path.join(place, name!));
  for (const broken of [
    bytes.subarray(0, bytes.length - 1),
    bytes.subarray(0, 5),
    Buffer.from('[]'),
    Buffer.alloc(0),
  ]) {
    fs.writeFileSync(path.join(place, name!), broken);
    assert.equal(opened(place).file.read(), null);
  }
});

test('what cannot be saved is told and tried again at the next time, and never thrown', async () => {
  const place = folder();
  const inTheWay = path.join(place, 'file');
  fs.writeFileSync(inTheWay, '');
  const { file, clock, warnings } = opened(inTheWay);
  for (const now of [60, 61, 119, 120]) {
    clock.now = now;
    await save(file, state(1));
  }
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['CPT_STATE', 'CPT_STATE'],
  );
});

test('a full disk is told as such', async (t) => {
  if (!fs.existsSync('/dev/full')) return t.skip('no /dev/full');
  const { diskError } = await import('../../../src/edge/disk.ts');
  const place = folder();
  const { file, warnings } = opened(place, {
    every: 0,
    at: () => {
      // the file system is asked for real, by the device that is always full
      fs.writeFileSync('/dev/full', 'x');
    },
  });
  await save(file, state(1));
  assert.deepEqual(
    warnings.map(({ code }) => code),
    ['CPT_DISK_FULL'],
  );
  assert.equal(
    diskError(Object.assign(new Error('x'), { code: 'ENOSPC' }), 'f', 'CPT_STATE').code,
    'CPT_DISK_FULL',
  );
});

test('saving takes at most a twentieth of the time', async () => {
  const place = folder();
  const clock = { now: 0 };
  let saves = 0;
  const { file } = opened(place, {
    every: 1,
    clock: () => clock.now,
    at: () => {
      saves += 1;
      clock.now += 2; // a slow disk
    },
  });
  for (let step = 1; step <= 100; step++) {
    clock.now += 1;
    await save(file, state(step));
  }
  assert.ok(saves >= 2 && saves <= 4, `${saves} saves`);
});

test('a task that is about to be left is saved whatever the time', async () => {
  const place = folder();
  const { file } = opened(place, { every: Number.POSITIVE_INFINITY });
  const { step, slots } = state(7);
  await file.save(step, () => Promise.resolve(slots), true);
  assert.deepEqual(opened(place).file.read(), state(7));
});
