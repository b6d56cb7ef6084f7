/** Real trainer processes, stopped, killed, starved and led astray. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { TRAINER_DEFAULTS, type TrainerOptions } from '../../../src/edge/trainer/options.ts';
import { startTrainer } from '../../../src/edge/trainer/process.ts';
import type { CptEvent } from '../../../src/events.ts';
import { makeRng } from '../../../src/rng.ts';
import type { TaskOptions } from '../../../src/train/options.ts';
import { trainersOf } from '../../fixtures/processes.ts';
import { tinyPassages, tinyTask } from '../../fixtures/tiny.ts';
import { tree, writeTinyBase } from '../../fixtures/tiny-base.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-trainer-'));
const base = path.join(place, 'base');
writeTinyBase(base);
after(() => fs.rmSync(place, { recursive: true }));

const STEPS = 240;
const LONG: TaskOptions = { ...tinyTask, device: 'cpu', minSteps: STEPS, maxSteps: STEPS };
const texts = tinyPassages('kitchen', 60, makeRng('text'));
const job = { task: 1, domain: 'd1', texts, near: [], signatures: [] };

type Kind = CptEvent['event'];
type Of<K extends Kind> = Extract<CptEvent, { event: K }>;

interface Run {
  readonly events: readonly CptEvent[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly files: Record<string, string>;
  of<K extends Kind>(kind: K): Of<K>[];
}

interface Hold {
  /** Process id of the trainer. */
  readonly pid: () => number;
  /** Stops it as a run that is stopped does. */
  readonly stop: () => Promise<void>;
}

/** Runs one task; `meddle` sees each event. */
async function run(
  name: string,
  options: TaskOptions,
  trainer: Partial<TrainerOptions> = {},
  meddle: (event: CptEvent, hold: Hold) => void = () => {},
): Promise<Run> {
  const [folder, out] = [path.join(place, name, 'lineage'), path.join(place, name, 'out')];
  const limits = { ...TRAINER_DEFAULTS, ...trainer };
  const setup = { lineage: 'l', base, baseName: base, folder, out, options, trainer: limits, version: '0' };
  const opened = startTrainer(setup);
  const events: CptEvent[] = [];
  let error: Run['error'] = null;
  try {
    const { events: last } = await opened.run(job, (event) => {
      events.push(event);
      meddle(event, { pid: trainerPid, stop: () => opened.close() });
    });
    events.push(...last);
  } catch (thrown) {
    error = thrown as Run['error'];
  }
  await opened.close();
  const of = <K extends Kind>(kind: K) => events.filter((event): event is Of<K> => event.event === kind);
  return { events, error, files: fs.existsSync(out) ? tree(out) : {}, of };
}

function trainerPid(): number {
  const found = trainersOf(process.pid);
  assert.equal(found.length, 1);
  return found[0]!;
}

/** Tokens of the steps that were run, by what was told as they ran. */
const tokensRun = ({ of }: Run, from = 0): number =>
  of('TaskProgress')
    .slice(from)
    .reduce((sum, { tokens }) => sum + tokens, 0);

let calm: Run;
before(async () => {
  calm = await run('calm', LONG);
  assert.equal(calm.error, null);
});

for (const [signal, code] of [
  ['SIGSTOP', 'CPT_HANG'],
  ['SIGKILL', 'CPT_TRAIN'],
] as const) {
  test(`${signal} in the middle of a task: ended, started again, gone on from the last saved step, equal bytes`, async () => {
    let struck = 0;
    let told = 0;
    const disturbed = await run(signal, LONG, { saveEvery: 0.1, timeout: 1 }, (event, { pid }) => {
      if (event.event !== 'TaskProgress' || struck > 0) return;
      told += 1;
      if (event.step < STEPS / 3) return;
      struck = event.step;
      process.kill(pid(), signal);
    });
    assert.equal(disturbed.error, null);
    assert.ok(struck > 0);
    assert.deepEqual(
      disturbed.of('TaskFailed').map((event) => [event.code, event.willRetry]),
      [[code, true]],
    );
    const [resumed, ...more] = disturbed.of('TaskResumed');
    assert.deepEqual(more, []);
    assert.ok(resumed!.step > 0 && resumed!.step < STEPS && resumed!.steps === STEPS);
    const perStep = LONG.batch * LONG.length;
    const again = disturbed.events.indexOf(resumed!);
    const before = disturbed.events.slice(0, again).filter(({ event }) => event === 'TaskProgress').length;
    assert.ok(before >= told);
    assert.equal(tokensRun(disturbed, before), (STEPS - resumed!.step) * perStep, 'only the rest was run');
    assert.deepEqual(disturbed.files, calm.files);
    assert.ok(!fs.existsSync(path.join(place, signal, 'lineage', 'running.safetensors')), 'left behind');
  });
}

test('a run that was stopped in the middle of a task goes on in the next one, with equal bytes', async () => {
  let stopped = false;
  const first = await run('stopped', LONG, { saveEvery: 0.1 }, (event, { stop }) => {
    if (stopped || event.event !== 'TaskProgress' || event.step < STEPS / 3) return;
    stopped = true;
    void stop();
  });
  assert.equal(first.error?.code, 'CPT_INTERRUPTED');
  assert.deepEqual([first.files, first.of('TaskFailed')], [{}, []]);
  const second = await run('stopped', LONG);
  const [resumed, ...more] = second.of('TaskResumed');
  assert.deepEqual(more, []);
  assert.ok(resumed!.step > 0);
  assert.equal(
    tokensRun(second),
    (STEPS - resumed!.step) * LONG.batch * LONG.length,
    'only the rest was run',
  );
  assert.deepEqual(second.files, calm.files);
});

test('a state that cannot be saved is warned about, and the task comes to the same', async () => {
  fs.mkdirSync(path.join(place, 'full', 'lineage', 'running.safetensors', 'x'), { recursive: true });
  const full = await run('full', LONG, { saveEvery: 0 });
  assert.equal(full.error, null);
  assert.ok(full.of('TrainerWarned').length > 0);
  assert.equal(full.of('TrainerWarned')[0]!.code, 'CPT_STATE');
  assert.deepEqual(full.files, calm.files);
});

/** The most that a process has ever held, in bytes. */
function peakMemory(pid: number): number {
  return 1024 * Number(/^VmHWM:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'latin1'))![1]);
}

const WIDE: TaskOptions = { ...tinyTask, device: 'cpu', batch: 1536, length: 64, minSteps: 3, maxSteps: 3 };

test('over the memory limit a task is tried again in smaller passes, and comes to what these come to', async (t) => {
  if (!fs.existsSync('/proc/self/status')) return t.skip('no /proc');
  let [most, least] = [0, 0];
  const free = await run('free', WIDE, {}, (event, { pid }) => {
    if (event.event === 'TaskProgress') most = peakMemory(pid());
  });
  await run('narrow', { ...WIDE, microBatch: 48 }, {}, (event, { pid }) => {
    if (event.event === 'TaskProgress') least = peakMemory(pid());
  });
  assert.equal(free.of('TaskTrained')[0]!.microBatch, WIDE.batch);
  assert.ok(most > 1.3 * least, `${most} bytes against ${least} leave no room between`);
  const bound = await run('bound', WIDE, { maxMemory: (most + least) / 2 });
  assert.equal(bound.error, null);
  const failed = bound.of('TaskFailed');
  assert.ok(failed.length > 0);
  for (const { code, willRetry, message } of failed) {
    assert.deepEqual([code, willRetry], ['CPT_MEMORY', true]);
    assert.match(message, /Passes now have \d+ blocks/);
  }
  const { microBatch } = bound.of('TaskTrained')[0]!;
  assert.equal(microBatch, WIDE.batch / 2 ** failed.length);
  const wanted = await run('wanted', { ...WIDE, microBatch });
  const contents = ({ files }: Run) => Object.entries(files).filter(([name]) => !/revisions|refs/.test(name));
  assert.deepEqual(contents(bound), contents(wanted));
  const manifest = Object.entries(bound.files).find(([name]) => name.includes('revisions'))![1];
  assert.equal(JSON.parse(Buffer.from(manifest, 'base64').toString()).provenance.microBatch, microBatch);
});

test('where one block is too much the task ends with CPT_MEMORY', async (t) => {
  if (!fs.existsSync('/proc/self/status')) return t.skip('no /proc');
  const { error, files } = await run('starved', { ...LONG, microBatch: 2 }, { maxMemory: 2e7 });
  assert.equal(error?.code, 'CPT_MEMORY');
  assert.match(error!.message, /with one block in a pass/);
  assert.deepEqual(files, {});
});

test('a loss that is not finite ends the task; the state is as before, and a saner rate goes on', async () => {
  const wild = await run('wild', { ...LONG, learningRate: 1e30 });
  assert.equal(wild.error?.code, 'CPT_DIVERGED');
  assert.match(wild.error!.message, /at step \d+/);
  assert.deepEqual(wild.files, {});
  assert.ok(
    !fs.readdirSync(path.join(place, 'wild', 'lineage')).some((name) => name.endsWith('.safetensors')),
  );
  const sane = await run('wild', LONG);
  assert.equal(sane.error, null);
  assert.deepEqual(sane.files, calm.files);
});
