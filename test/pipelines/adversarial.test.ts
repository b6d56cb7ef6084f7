/** Hostile feeds through a whole run: tasks stay few, the state stays small, no passage is lost without a count. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import { pipeline } from '../../pipelines/cpt.ts';
import type { FeedRecord } from '../../src/edge/feed/feed.ts';
import { paceOf } from '../../src/edge/run/pace.ts';
import type { RunParts } from '../../src/edge/run/parts.ts';
import type { CptEvent } from '../../src/events.ts';
import { makeRng } from '../../src/rng.ts';
import { DECODE_DEFAULTS } from '../../src/text/decode.ts';
import { folder, memoryFeed, open, recordingTrainer, type Trained } from './opened.ts';

const PASSAGES = 2000;
const rng = makeRng('hostile');

const record = (payload: Buffer | string, at: number, time = at): FeedRecord => {
  const bytes = Buffer.from(payload);
  return { bytes, size: bytes.length, position: `memory:${at}`, time };
};
const feedOf = (text: (at: number) => Buffer | string, time?: (at: number) => number): FeedRecord[] =>
  Array.from({ length: PASSAGES }, (_, at) => record(text(at), at, time?.(at)));
const named = (domain: (at: number) => string) => (at: number) =>
  JSON.stringify({ text: `passage ${at}`, domain: domain(at) });

const feeds: [string, FeedRecord[], number][] = [
  ['one passage again and again', feedOf(() => 'the same'), 1],
  ['random bytes', feedOf(() => Buffer.from(Array.from({ length: 40 }, () => rng.int(256)))), 1],
  ['one word and its number', feedOf((at) => `passage ${at}`), 1],
  ['two passages in turn', feedOf((at) => (at % 2 === 0 ? 'day and light' : 'night and dark')), 1],
  ['two names in turn', feedOf(named((at) => 'ab'[at % 2]!)), 8],
  ['another name each time', feedOf(named((at) => `n${at}`)), 6 + 34],
  [
    'times that go backwards',
    feedOf(
      (at) => `passage ${at}`,
      (at) => 1e9 - at,
    ),
    1,
  ],
];

for (const [name, feed, most] of feeds) {
  test(name, async () => {
    const done: Trained[] = [];
    const { run, state, close } = await open(folder(), feed, {
      feed: memoryFeed(feed, 0, 100),
      trainer: recordingTrainer(done),
    });
    const events = await lastValueFrom(pipeline(run).pipe(toArray()));
    const { accepted, waitingPassages, waitingBytes } = state.counts;
    await close();
    assert.ok(done.length <= most, `${done.length} tasks`);
    const rejected = events.filter(({ event }) => event === 'DeadLetter').length;
    assert.equal(accepted + rejected, PASSAGES);
    assert.equal(
      done.reduce((sum, { texts }) => sum + texts.length, 0),
      accepted,
    );
    assert.deepEqual([waitingPassages, waitingBytes], [0, 0]);
  });
}

test('a passage of 10 MB is put aside; under a higher bound it is a passage like any other', async () => {
  const big = [record('x'.repeat(10_000_000), 0), record('small', 1)];
  const outcome = async (parts: Partial<RunParts>) => {
    const done: Trained[] = [];
    const { run, close } = await open(folder(), big, { trainer: recordingTrainer(done), ...parts });
    const events = await lastValueFrom(pipeline(run).pipe(toArray()));
    await close();
    const reasons = events.flatMap((event) => (event.event === 'DeadLetter' ? [event.reason] : []));
    return [done.flatMap(({ texts }) => texts.map(({ length }) => length)), reasons];
  };
  assert.deepEqual(await outcome({}), [[5], ['oversized']]);
  const decode = { ...DECODE_DEFAULTS, maxBytes: 1 << 24 };
  assert.deepEqual(await outcome({ decode }), [[10_000_000, 5], []]);
});

/** Two names in blocks that are long enough to close; the clock is the number of passages kept. */
async function paced(place: string, interval: number, stopAfter = Number.POSITIVE_INFINITY) {
  const feed = feedOf(named((at) => 'ab'[Math.floor(at / 40) % 2]!));
  const done: Trained[] = [];
  const joining = { passages: 200, bytes: 1e6, seed: '1' };
  let largest = 0;
  const trainer = recordingTrainer(done, async () => {
    largest = Math.max(largest, opened.state.counts.waitingPassages);
    await new Promise((resolve) => setImmediate(resolve));
  });
  const pace = paceOf(interval, () => opened.state.counts.accepted);
  const opened = await open(place, feed, { trainer, pace }, { joining });
  let seen = 0;
  const stream = pipeline(opened.run).pipe(takeWhile(() => ++seen < stopAfter));
  await lastValueFrom(stream.pipe(toArray()), { defaultValue: [] });
  await new Promise((resolve) => setTimeout(resolve, 5)); // what was under way ends as it may
  const { waitingPassages, ended } = opened.state.counts;
  const history = opened.state.history();
  await opened.close();
  return { done, largest, history, finished: ended && waitingPassages === 0 };
}

const sampledOut = (events: readonly CptEvent[]): number =>
  events.reduce((sum, event) => sum + (event.event === 'DomainJoined' ? event.sampledOut : 0), 0);

test('tasks at an interval: what comes meanwhile joins, and beyond the bound is sampled and counted', async () => {
  const { done, largest, history, finished } = await paced(folder(), 900);
  assert.ok(finished);
  assert.ok(done.length >= 3 && done.length <= 6, `${done.length} tasks`);
  const trained = done.flatMap(({ texts }) => texts);
  assert.equal(new Set(trained).size, trained.length);
  assert.ok(done.every(({ texts }) => texts.length <= 200));
  const out = sampledOut(history);
  assert.ok(out > 0);
  assert.equal(trained.length + out, PASSAGES);
  assert.ok(largest <= 3 * 200 + 2 * 40, `${largest} passages waited`);
});

test('stopped anywhere and opened again: each passage is trained on once or counted as sampled out', async () => {
  const place = folder();
  const tasks = new Map<number, readonly string[]>(); // a task cut short runs again, on the same passages
  for (let stop = 20; ; stop += 150) {
    const { done, history, finished } = await paced(place, 300, stop);
    for (const { task, texts } of done) {
      assert.deepEqual(texts, tasks.get(task) ?? texts);
      tasks.set(task, texts);
    }
    if (!finished) continue;
    const trained = [...tasks.values()].flat();
    assert.equal(new Set(trained).size, trained.length);
    assert.equal(trained.length + sampledOut(history), PASSAGES);
    break;
  }
});
