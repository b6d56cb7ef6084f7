/** Tasks from their messages to their commit: once each, whoever is killed, and whoever comes too late. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TaskMessage } from '../../../src/edge/kafka/task-message.ts';
import { parseHead, readHead, refsOf } from '../../../src/edge/objects/head.ts';
import { lineageKeys } from '../../../src/edge/objects/keys.ts';
import { type ObjectStore, openObjectStore } from '../../../src/edge/objects/object-store.ts';
import { getTaskData, putTaskData } from '../../../src/edge/objects/task-data.ts';
import { TaskTrainer } from '../../../src/edge/roles/train-task.ts';
import { WorkFolder } from '../../../src/edge/roles/work-folder.ts';
import { verifyLineage } from '../../../src/edge/store/index.ts';
import { TRAINER_DEFAULTS } from '../../../src/edge/trainer/options.ts';
import { startTrainer } from '../../../src/edge/trainer/process.ts';
import { CptError } from '../../../src/errors.ts';
import type { CptEvent } from '../../../src/events.ts';
import { tinyTask } from '../../fixtures/tiny.ts';
import { writeTinyBase } from '../../fixtures/tiny-base.ts';
import { published, queueTasks } from './tasks.ts';

const LINEAGE = 'news';
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-train-task-'));
const base = path.join(place, 'base');
writeTinyBase(base);
after(() => fs.rmSync(place, { recursive: true }));
const never = new AbortController().signal;
const failsWith = (code: string, what: RegExp) => (error: unknown) =>
  error instanceof CptError && error.code === code && what.test(error.message);

interface Told {
  readonly events: CptEvent[];
  /** Ids of what was sent on. */
  readonly sent: string[];
}

/** A trainer of its own work folder. @param gate what its training waits for at the end */
function trainerOf(store: ObjectStore, owner: string, gate: () => Promise<void> = async () => {}) {
  const told: Told = { events: [], sent: [] };
  const trainer = new TaskTrainer({
    store,
    owner,
    work: new WorkFolder(path.join(place, owner)),
    setup: {
      base,
      baseName: base,
      options: { ...tinyTask, device: 'cpu' },
      trainer: TRAINER_DEFAULTS,
      version: '0',
    },
    start: (setup) => {
      const started = startTrainer(setup);
      const run: typeof started.run = async (job, onEvent) => {
        const done = await started.run(job, onEvent);
        await gate();
        return done;
      };
      return { ...started, run, failure: null };
    },
    publish: async (_, id) => void told.sent.push(id),
    emit: (event) => void told.events.push(event),
    at: () => {},
  });
  return { trainer, told };
}

const calmStore = path.join(place, 'calm-store');
let calm: Record<string, string>;
let queued: TaskMessage[];

before(async () => {
  const store = await openObjectStore(calmStore);
  queued = await queueTasks(store, LINEAGE);
  const { trainer, told } = trainerOf(store, 'calm');
  for (const message of queued) await trainer.handle(message, never);
  // a message that comes again is told again under the same id, and trains nothing
  await trainer.handle(queued[2]!, never);
  await trainer.close();
  assert.deepEqual(
    told.sent,
    [1, 2, 3, 3].map((task) => `${LINEAGE}/task/${task}/published`),
  );
  const kinds = told.events.map(({ event }) => event);
  assert.equal(kinds.filter((kind) => kind === 'TaskTrained').length, 3);
  assert.equal(kinds.filter((kind) => kind === 'LineageTaken').length, 1);
  calm = await published(store, LINEAGE);
});

test('a folder store is a folder of published lineages; a committed task leaves no passages behind', async () => {
  const faults: string[] = [];
  let findings = 0;
  for await (const { path: where, fault } of verifyLineage(path.join(calmStore, LINEAGE))) {
    findings++;
    if (fault !== null) faults.push(`${where}: ${fault}`);
  }
  assert.deepEqual(faults, []);
  const store = await openObjectStore(calmStore);
  const { head } = (await readHead(store, LINEAGE))!;
  assert.deepEqual([head.epoch, head.writes, head.tasks.length], [1, 4, 3]);
  assert.deepEqual([...refsOf(head).keys()].sort(), ['d1', 'd1.1', 'd1.2', 'd2', 'd2.1', 'main']);
  for (const [name, revision] of refsOf(head)) {
    assert.equal(fs.readFileSync(path.join(calmStore, LINEAGE, 'refs', name), 'utf8'), `${revision}\n`);
  }
  assert.ok(findings > 20);
  const own = await store.list(`_lineages/${LINEAGE}/`);
  assert.deepEqual(
    own.map((key) => key.split('/')[2]),
    ['head.json', 'segments', 'segments', 'segments'],
  );
});

test('a task that comes too early says which one lacks; one whose passages lack says so', async () => {
  const store = await openObjectStore(path.join(place, 'early-store'));
  const { trainer } = trainerOf(store, 'early');
  await assert.rejects(
    trainer.handle(queued[1]!, never),
    failsWith('CPT_STORE', /Task 2 of news .* task 1 is not trained/),
  );
  await assert.rejects(
    trainer.handle(queued[0]!, never),
    failsWith('CPT_STORE', /has no _lineages\/news\/passages/),
  );
  await trainer.close();
});

test('a number that has come before with other passages waits for a person, and its passages stay', async () => {
  const folder = path.join(place, 'again-store');
  fs.cpSync(calmStore, folder, { recursive: true });
  const store = await openObjectStore(folder);
  const { trainer, told } = trainerOf(store, 'again');
  const data = await putTaskData(store, { lineage: LINEAGE, task: 2 }, ['of a state begun anew'], []);
  for (const other of [
    { ...queued[1]!, ...data },
    { ...queued[1]!, domain: 'd1' },
  ]) {
    await assert.rejects(
      trainer.handle(other, never),
      failsWith('CPT_STORE', /Task 2 of news was trained on other passages/),
    );
  }
  assert.deepEqual([told.sent, told.events], [[], []]);
  await getTaskData(store, { lineage: LINEAGE, task: 2 }, data);
  await trainer.close();
});

test('a trainer that comes back late is fenced and publishes nothing', async () => {
  const store = await openObjectStore(path.join(place, 'fenced-store'));
  const messages = await queueTasks(store, LINEAGE);
  let wake = (): void => {};
  let asleep = (): void => {};
  const sleeping = new Promise<void>((resolve) => {
    asleep = resolve;
  });
  let runs = 0;
  const slow = trainerOf(store, 'slow', async () => {
    if (++runs !== 2) return;
    await new Promise<void>((resolve) => {
      wake = resolve;
      asleep();
    });
  });
  await slow.trainer.handle(messages[0]!, never);
  const late = slow.trainer.handle(messages[1]!, never);
  await sleeping; // it has trained task 2 and is about to copy it
  const quick = trainerOf(store, 'quick');
  for (const message of messages) await quick.trainer.handle(message, never);
  const settled = await published(store, LINEAGE);
  const before = (await readHead(store, LINEAGE))!;
  wake();
  await assert.rejects(
    late,
    failsWith('CPT_FENCED', /Another trainer has taken news over\. Task 2 is given up/),
  );
  assert.deepEqual(await readHead(store, LINEAGE), before);
  assert.deepEqual([before.head.epoch, before.head.owner], [2, 'quick']);
  assert.deepEqual(await published(store, LINEAGE), settled);
  assert.deepEqual(settled, calm);
  assert.deepEqual(slow.told.sent, [`${LINEAGE}/task/1/published`]);
  // where it gets the lineage again, it goes on from what the other left
  await slow.trainer.handle(messages[2]!, never);
  assert.deepEqual(await published(store, LINEAGE), calm);
  await slow.trainer.close();
  await quick.trainer.close();
});

test('killed before and after the head, and after the events: each task once, told at least once, the same bytes', async () => {
  const folder = path.join(place, 'killed-store');
  const store = await openObjectStore(folder);
  const messages = path.join(place, 'messages.json');
  const events = path.join(place, 'events.jsonl');
  fs.writeFileSync(messages, JSON.stringify(await queueTasks(store, LINEAGE)));
  const script = fileURLToPath(new URL('one-trainer.ts', import.meta.url));
  const run = (state: string, crashAt: string) =>
    spawnSync(
      process.execPath,
      ['--import', 'tsx', script, folder, path.join(place, state), base, messages, events],
      { env: { ...process.env, CPT_CRASH_AT: crashAt }, encoding: 'utf8' },
    );
  // the second machine has nothing of the first one's work
  for (const [state, crashAt] of [
    ['one', 'before-head:2'],
    ['one', 'after-head:1'],
    ['two', 'after-events:3'],
  ] as const) {
    const { signal, stderr } = run(state, crashAt);
    assert.equal(signal, 'SIGKILL', `${crashAt}: ${stderr}`);
  }
  const last = run('one', '');
  assert.equal(last.status, 0, last.stderr);
  assert.deepEqual(await published(store, LINEAGE), calm);
  const { head } = (await readHead(store, LINEAGE))!;
  assert.equal(head.tasks.length, 3);
  const told = fs
    .readFileSync(events, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; event: object });
  const byId = new Map(told.map(({ id, event }) => [id, JSON.stringify(event)]));
  assert.deepEqual(
    [...byId.keys()].sort(),
    [1, 2, 3].map((task) => `${LINEAGE}/task/${task}/published`),
  );
  for (const { id, event } of told) assert.equal(JSON.stringify(event), byId.get(id), 'a repeat is the same');
  assert.deepEqual(
    (await store.list('_lineages/')).filter((key) => key.includes('/passages/')),
    [],
  );
});

test('a head is what a trainer wrote, or refused', async () => {
  const store = await openObjectStore(calmStore);
  const { bytes } = (await store.get(lineageKeys(LINEAGE).head, 1 << 20))!;
  const good = JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown> & {
    tasks: Record<string, unknown>[];
  };
  const parse = (change: (copy: typeof good) => void) => {
    const copy = structuredClone(good);
    change(copy);
    return parseHead(Buffer.from(JSON.stringify(copy)), LINEAGE);
  };
  assert.equal(parse(() => {}).tasks.length, 3);
  const changes: ((copy: typeof good) => void)[] = [
    (head) => Object.assign(head, { format: 2 }),
    (head) => Object.assign(head, { lineage: 'other' }),
    (head) => Object.assign(head, { epoch: 0 }),
    (head) => Object.assign(head, { writes: 1.5 }),
    (head) => Object.assign(head, { owner: '' }),
    (head) => Object.assign(head, { tasks: {} }),
    (head) => head.tasks.push({}),
    (head) => Object.assign(head.tasks[0]!, { domain: '../x' }),
    (head) => Object.assign(head.tasks[0]!, { ref: 'd1.2' }),
    (head) => Object.assign(head.tasks[1]!, { revision: 'x' }),
    (head) => Object.assign(head.tasks[1]!, { label: 7 }),
    (head) => Object.assign(head.tasks[1]!, { bytes: -1 }),
    (head) => Object.assign(head.tasks[1]!, { seconds: '1' }),
    (head) => Object.assign(head.tasks[2]!, { segment: { sha256: 'x', bytes: 1 } }),
    (head) => Object.assign(head.tasks[2]!, { segment: null }),
    (head) => Object.assign(head.tasks[2]!, { passages: 'x' }),
    (head) => head.tasks.shift(),
  ];
  for (const change of changes) assert.throws(() => parse(change), failsWith('CPT_STORE', /head of news/));
  assert.throws(() => parseHead(Buffer.from('{"a":1,"a":1}'), LINEAGE), failsWith('CPT_STORE', /twice/));
});
