import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { open } from 'lmdb';
import { State } from '../../../src/edge/state/state.ts';
import type { ClosedDomain, Task, Turn } from '../../../src/edge/state/types.ts';
import type { CptEvent } from '../../../src/events.ts';

const folder = () => fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-state-'));
const closed = (number: number, first: number, last: number): ClosedDomain => {
  return { domain: `d${number}`, ranges: [[first, last]], returnOf: null, near: [], signatures: { number } };
};
const waiting = (task: number, first: number, last: number, bytes: number): Task => {
  const seen = last - first + 1;
  return { ...closed(task, first, last), task, seen, most: null, bytes, begun: false };
};
const event = (domain: string): CptEvent => {
  return {
    event: 'DomainClosed',
    lineage: 'l',
    domain,
    first: 0,
    last: 1,
    detectedAt: 2,
    returnOf: null,
    reason: 'change',
  };
};
const turn = (first: number, texts: string[], more: Partial<Turn> = {}): Turn => ({
  offsets: { bytes: String(first + texts.length) },
  segmenter: { open: Uint8Array.of(first), known: [] },
  first,
  texts,
  closed: [],
  deadLetters: 0,
  deadLetterBytes: 0,
  events: { history: [], outgoing: [] },
  ...more,
});

test('a batch is there after the state is opened again, down to the last byte', async () => {
  const place = folder();
  const state = State.open(place, { lineage: 'l' });
  assert.deepEqual(state.progress.offsets, null);
  state.commit(turn(0, ['one', 'zwei ☂', '']));
  state.commit(turn(3, ['four'], { closed: [closed(1, 0, 2)], deadLetters: 2, deadLetterBytes: 99 }));
  await state.close();

  const again = State.open(place, { lineage: 'l' });
  const { segmenter, ...progress } = again.progress;
  assert.deepEqual(progress, {
    offsets: { bytes: '4' },
    accepted: 4,
    tasks: 1,
    trained: 0,
    waitingPassages: 4,
    waitingBytes: 15,
    begunAt: null,
    deadLetters: 2,
    deadLetterBytes: 99,
    ended: false,
  });
  assert.deepEqual(segmenter, { open: Uint8Array.of(3), known: [] });
  assert.deepEqual(again.nextTask(), waiting(1, 0, 2, 11));
  assert.deepEqual(again.passages(closed(1, 0, 2)), ['one', 'zwei ☂', '']);
  await again.close();
});

test('a finished task takes its passages with it and leaves those of others', async () => {
  const state = State.open(folder(), { lineage: 'l' });
  state.commit(turn(0, ['a', 'b', 'c', 'd'], { closed: [closed(1, 0, 1), closed(2, 2, 2)] }));
  state.complete(state.nextTask()!, { history: [event('d1')], outgoing: [event('d1')] });
  assert.equal(state.counts.waitingPassages, 2);
  assert.deepEqual(state.nextTask(), waiting(2, 2, 2, 1));
  assert.throws(() => state.passages(closed(1, 0, 1)), { code: 'CPT_STATE' });
  assert.deepEqual(state.passages(closed(2, 2, 2)), ['c']);
  assert.deepEqual(state.history(), [event('d1')]);
  await state.close();
});

test('events to send keep their number until they are sent', async () => {
  const place = folder();
  const state = State.open(place, { lineage: 'l' });
  state.commit(turn(0, ['a'], { events: { history: [], outgoing: [event('d1'), event('d2')] } }));
  const [first, second] = state.outgoing();
  state.sent([first!]);
  await state.close();
  const again = State.open(place, { lineage: 'l' });
  assert.deepEqual(again.outgoing(), [second]);
  again.commit(turn(1, ['b'], { events: { history: [], outgoing: [event('d3')] } }));
  assert.ok(again.outgoing()[1]!.sequence > second!.sequence, 'a number is used twice');
  await again.close();
});

test('a transaction that fails half-way leaves nothing', async () => {
  const place = folder();
  const failing = State.open(place, {
    lineage: 'l',
    at: (point) => {
      if (point === 'mid-commit') throw new Error('no space left on device');
    },
  });
  assert.throws(() => failing.commit(turn(0, ['a'])), { code: 'CPT_DISK_FULL' });
  await failing.close();
  const state = State.open(place, { lineage: 'l' });
  assert.equal(state.progress.accepted, 0);
  assert.equal(state.counts.waitingPassages, 0);
  await state.close();
});

test('a process killed inside a transaction leaves the batch before it', async () => {
  const place = folder();
  const script = `
    import { State } from ${JSON.stringify(new URL('../../../src/edge/state/state.ts', import.meta.url).href)};
    let commits = 0;
    const state = State.open(${JSON.stringify(place)}, { lineage: 'l', at: (point) => {
      if (point === 'mid-commit' && ++commits === 2) process.kill(process.pid, 'SIGKILL');
    }});
    const turn = (first, texts) => ({ offsets: {}, segmenter: { open: Uint8Array.of(first), known: [] }, first, texts, closed: [],
      deadLetters: 0, deadLetterBytes: 0, events: { history: [], outgoing: [] } });
    state.commit(turn(0, ['a', 'b']));
    state.commit(turn(2, ['c']));
  `;
  const file = path.join(place, 'crash.ts');
  fs.writeFileSync(file, script);
  const { signal } = spawnSync(process.execPath, ['--import', 'tsx', file], { cwd: process.cwd() });
  assert.equal(signal, 'SIGKILL');
  const state = State.open(place, { lineage: 'l' });
  assert.equal(state.progress.accepted, 2);
  assert.equal(state.counts.waitingPassages, 2);
  await state.close();
});

test('two runs on one folder: the second is refused while the first lives', async () => {
  const place = folder();
  const state = State.open(place, { lineage: 'l' });
  assert.throws(() => State.open(place, { lineage: 'l' }), { code: 'CPT_STATE_LOCKED' });
  await state.close();
  await State.open(place, { lineage: 'l' }).close();
  // a process that is gone holds nothing
  fs.writeFileSync(path.join(place, 'lock'), '999999999 1\n');
  await State.open(place, { lineage: 'l' }).close();
});

test("another version's folder and another lineage's are refused and left as they are", async () => {
  const place = folder();
  await State.open(place, { lineage: 'l' }).close();
  assert.throws(() => State.open(place, { lineage: 'other' }), { code: 'CPT_STATE' });
  const root = open({ path: path.join(place, 'state.lmdb'), noSubdir: true, maxDbs: 8 });
  root.openDB('meta', { encoding: 'json' }).putSync('identity', { version: 99, lineage: 'l' });
  await root.close();
  const before = fs.readFileSync(path.join(place, 'state.lmdb'));
  assert.throws(() => State.open(place, { lineage: 'l' }), { code: 'CPT_STATE_VERSION', message: /99/ });
  assert.deepEqual(fs.readFileSync(path.join(place, 'state.lmdb')), before);
});

test('a state goes on with the features that it was begun with, and no others', async () => {
  const encoder = `encoder ${'a'.repeat(64)}`;
  const refused = { code: 'CPT_STATE', message: /was begun with features encoder a+, not lexical/ };
  const place = folder();
  await State.open(place, { lineage: 'l' }).close(); // a task by hand: nothing is segmented
  await State.open(place, { lineage: 'l', features: encoder }).close();
  assert.throws(() => State.open(place, { lineage: 'l', features: 'lexical' }), refused);
  await State.open(place, { lineage: 'l' }).close();
  await State.open(place, { lineage: 'l', features: encoder }).close();
  // a state of which nothing is noted is of words, once it holds a segmenter
  const older = folder();
  const state = State.open(older, { lineage: 'l' });
  state.end([], { open: new Uint8Array(3), known: [] }, { history: [], outgoing: [] });
  await state.close();
  assert.throws(() => State.open(older, { lineage: 'l', features: encoder }), {
    code: 'CPT_STATE',
    message: /begun with features lexical, not encoder/,
  });
  await State.open(older, { lineage: 'l', features: 'lexical' }).close();
});

test('with too little room nothing is opened, made or moved forward, and the folder is free for who comes next', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-state-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  const statfs = t.mock.method(fs, 'statfsSync', () => ({ bavail: 1000, bsize: 4096 }));
  assert.throws(() => State.open(folder, { lineage: 'l' }), { code: 'CPT_DISK_FULL' });
  assert.deepEqual(fs.readdirSync(folder), []);
  statfs.mock.restore();
  await State.open(folder, { lineage: 'l' }).close();
});

test('a folder that cannot be made is said plainly', () => {
  const place = folder();
  fs.writeFileSync(path.join(place, 'file'), '');
  assert.throws(() => State.open(path.join(place, 'file', 'state'), { lineage: 'l' }), { code: 'CPT_STATE' });
});
