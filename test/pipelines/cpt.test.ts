import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { lastValueFrom, takeWhile, tap, toArray } from 'rxjs';
import { pipeline } from '../../pipelines/cpt.ts';
import type { FeedRecord } from '../../src/edge/feed/feed.ts';
import type { TrainerProcess } from '../../src/edge/trainer/process.ts';
import { CptError } from '../../src/errors.ts';
import type { CptEvent } from '../../src/events.ts';
import { folder, memoryFeed, open, recordingTrainer, type Trained } from './opened.ts';

/** Records with explicit domains: where they end is known. */
const records = (domain: string, from: number, count: number): FeedRecord[] =>
  Array.from({ length: count }, (_, at) => {
    const bytes = Buffer.from(JSON.stringify({ text: `passage ${from + at} of ${domain}`, domain }));
    return { bytes, size: bytes.length, position: `memory:${from + at}` };
  });

const feed = [...records('kitchen', 0, 40), ...records('sea', 40, 35), ...records('garden', 75, 50)];
const names = (events: readonly CptEvent[], event: CptEvent['event']) =>
  events.filter((e) => e.event === event);

test('every passage is trained once, in its domain, in feed order', async () => {
  const done: Trained[] = [];
  const { run, state, close } = await open(folder(), feed, { trainer: recordingTrainer(done) });
  const events = await lastValueFrom(pipeline(run).pipe(toArray()));
  assert.deepEqual(
    done.map(({ task, domain, texts }) => [task, domain, texts.length]),
    [
      [1, 'kitchen', 40],
      [2, 'sea', 35],
      [3, 'garden', 50],
    ],
  );
  assert.deepEqual(
    done.flatMap(({ texts }) => texts),
    feed.map((_, at) => `passage ${at} of ${at < 40 ? 'kitchen' : at < 75 ? 'sea' : 'garden'}`),
  );
  assert.equal(names(events, 'DomainClosed').length, 3);
  assert.equal(names(events, 'CheckpointPublished').length, 3);
  assert.equal(state.counts.waitingPassages, 0);
  await close();
});

test('stopped anywhere and opened again, it goes on where it was: nothing lost, nothing twice', async () => {
  const place = folder();
  const done: Trained[] = [];
  for (let stop = 1; ; stop += 9) {
    const { run, state, close } = await open(place, feed, { trainer: recordingTrainer(done) });
    let seen = 0;
    const events = await lastValueFrom(
      pipeline(run).pipe(
        takeWhile(() => ++seen < stop),
        toArray(),
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 20)); // what was under way ends as it may
    const finished = events.length < stop - 1 && state.nextTask() === null && state.progress.ended;
    await close();
    if (finished) break;
  }
  const texts = new Map(done.map(({ task, texts }) => [task, texts])); // a task cut short may run again
  assert.deepEqual(
    [...texts.values()].flat(),
    feed.map((_, at) => `passage ${at} of ${at < 40 ? 'kitchen' : at < 75 ? 'sea' : 'garden'}`),
  );
});

test('a feed faster than training is held back, and goes on', async () => {
  let waiting = 0;
  const source = memoryFeed(feed, 0);
  const opened = await open(folder(), feed, {
    feed: source,
    waiting: { passages: 20, bytes: 1e9, tasks: 100 },
    trainer: recordingTrainer([], async () => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      waiting = Math.max(waiting, opened.state.counts.waitingPassages);
    }),
  });
  const events = await lastValueFrom(pipeline(opened.run).pipe(toArray()));
  assert.ok(names(events, 'BackpressureApplied').length > 0);
  // an open domain is never cut by backpressure; beyond it wait at most the bound and one batch
  assert.ok(waiting <= 50 + 20 + 7, `${waiting} passages waited`);
  assert.equal(names(events, 'CheckpointPublished').length, 3);
  await opened.close();
});

test('a bad record is put aside with its reason and place; its neighbours go on', async () => {
  const place = folder();
  const bad: FeedRecord = { bytes: Uint8Array.of(0xff, 0xfe), size: 2, position: 'memory:bad' };
  const { run, state, close } = await open(place, [...feed.slice(0, 5), bad, ...feed.slice(5, 40)], {});
  const events = await lastValueFrom(pipeline(run).pipe(toArray()));
  assert.deepEqual(names(events, 'DeadLetter'), [
    { event: 'DeadLetter', lineage: 'l', reason: 'invalid_utf8', position: 'memory:bad' },
  ]);
  assert.equal(state.progress.accepted, 40);
  assert.equal(state.progress.deadLetters, 1);
  const [line] = fs.readFileSync(path.join(place, 'dead-letters.jsonl'), 'utf8').trim().split('\n');
  assert.equal(JSON.parse(line!).bytes, Buffer.from([0xff, 0xfe]).toString('base64'));
  await close();
});

test('events are sent once, in order, under ids that a crash does not change', async () => {
  const place = folder();
  const sent: string[] = [];
  let failing = true;
  const publish = async (event: CptEvent, id: string): Promise<void> => {
    if (failing && event.event === 'CheckpointPublished') throw new Error('broker away');
    sent.push(`${id} ${event.event}`);
  };
  const first = await open(place, feed, { publish });
  await assert.rejects(lastValueFrom(pipeline(first.run).pipe(toArray())), /broker away/);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await first.close();
  failing = false;
  const second = await open(place, feed, { publish });
  await lastValueFrom(pipeline(second.run).pipe(toArray()));
  const ids = [...new Set(sent)];
  assert.equal(ids.filter((line) => line.endsWith('DomainClosed')).length, 3);
  assert.equal(ids.filter((line) => line.endsWith('CheckpointPublished')).length, 3);
  assert.equal(new Set(ids.map((line) => line.split(' ')[0])).size, ids.length, 'an id means two events');
  await second.close();
});

test('what was sent and not recorded as sent is sent again, the same under the same ids, and then what follows', async () => {
  const place = folder();
  const sent: string[] = [];
  const publish = async (event: CptEvent, id: string): Promise<void> => {
    sent.push(`${id} ${JSON.stringify(event)}`);
  };
  const at = (point: string): void => {
    if (point === 'before-sent') throw new Error('killed');
  };
  const first = await open(place, feed, { publish }, { at });
  await assert.rejects(lastValueFrom(pipeline(first.run).pipe(toArray())), /killed/);
  await first.close();
  const before = sent.splice(0);
  assert.ok(before.length > 0);
  const second = await open(place, feed, { publish });
  await lastValueFrom(pipeline(second.run).pipe(toArray()));
  assert.deepEqual(sent.slice(0, before.length), before);
  assert.equal(sent.filter((line) => line.includes('CheckpointPublished')).length, 3);
  assert.equal(new Set(sent).size, sent.length);
  await second.close();
});

test('where nobody listens, what an earlier run has to send stays for one that does', async () => {
  const place = folder();
  const away = await open(place, feed, { publish: () => Promise.reject(new Error('broker away')) });
  await assert.rejects(lastValueFrom(pipeline(away.run).pipe(toArray())), /broker away/);
  await away.close();
  const deaf = await open(place, feed, {});
  const waiting = deaf.state.outgoing();
  await lastValueFrom(pipeline(deaf.run).pipe(toArray()));
  assert.ok(waiting.length > 0);
  assert.deepEqual(deaf.state.outgoing(), waiting);
  await deaf.close();
});

test('a task that fails for good is told, counted and kept in the history; the stream ends, its domain waits', async () => {
  const place = folder();
  const failure = new CptError('CPT_DIVERGED', 'The loss is NaN at step 7.');
  const trainer: TrainerProcess = {
    failure: null,
    measure: () => true,
    drain: () => [],
    stop: () => {},
    run: () => Promise.reject(failure),
    async close() {},
  };
  const { run, state, close } = await open(place, feed, { trainer });
  const events: CptEvent[] = [];
  await assert.rejects(lastValueFrom(pipeline(run).pipe(tap((event) => events.push(event)))), failure);
  await new Promise((resolve) => setTimeout(resolve, 20));
  const { code, message } = failure;
  const told = {
    event: 'TaskFailed',
    lineage: 'l',
    task: 1,
    domain: 'kitchen',
    code,
    message,
    willRetry: false,
  };
  assert.deepEqual(names(events, 'TaskFailed'), [told]);
  assert.deepEqual(names(state.history(), 'TaskFailed'), [told]);
  assert.equal(state.nextTask()?.domain, 'kitchen', 'the domain must wait for another try');
  await close();
  const done: Trained[] = [];
  const again = await open(place, feed, { trainer: recordingTrainer(done) });
  await lastValueFrom(pipeline(again.run).pipe(toArray()));
  assert.deepEqual(
    done.map(({ domain, texts }) => [domain, texts.length]),
    [
      ['kitchen', 40],
      ['sea', 35],
      ['garden', 50],
    ],
  );
  await again.close();
});

test('a trainer that was only stopped has not failed', async () => {
  const trainer: TrainerProcess = {
    failure: null,
    measure: () => true,
    drain: () => [],
    stop: () => {},
    run: () => Promise.reject(new CptError('CPT_INTERRUPTED', 'The trainer was stopped.')),
    async close() {},
  };
  const { run, state, close } = await open(folder(), feed, { trainer });
  const events: CptEvent[] = [];
  const stream = pipeline(run).pipe(tap((event) => events.push(event)));
  await assert.rejects(lastValueFrom(stream), { code: 'CPT_INTERRUPTED' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual([names(events, 'TaskFailed'), names(state.history(), 'TaskFailed')], [[], []]);
  await close();
});

test('stopped, it reads no more, ends its stream, sends what waits and leaves the open domain open', async () => {
  const place = folder();
  const source = memoryFeed(feed, 0);
  const sent: string[] = [];
  const done: Trained[] = [];
  let stop = (): void => {};
  const live = {
    ...source,
    read: async () => {
      const batch = await source.read();
      if (batch !== null && batch.lag! > 60) return batch; // all of the kitchen and a part of the sea
      setImmediate(() => stop());
      return new Promise<never>(() => {}); // a live feed has nothing more
    },
  };
  const publish = async (event: CptEvent): Promise<void> => {
    sent.push(event.event);
  };
  const first = await open(place, feed, { feed: live, publish, trainer: recordingTrainer(done) });
  stop = () => first.run.stop();
  await lastValueFrom(pipeline(first.run).pipe(toArray()));
  assert.equal(first.state.progress.ended, false);
  assert.deepEqual(first.state.outgoing(), []);
  assert.deepEqual(
    sent.filter((name) => name === 'DomainClosed'),
    ['DomainClosed'],
  );
  const kept = first.state.counts.accepted;
  assert.ok(kept > 40 && kept < 75, `${kept} passages were kept`);
  await first.close();
  const second = await open(place, feed, { publish, trainer: recordingTrainer(done) });
  await lastValueFrom(pipeline(second.run).pipe(toArray()));
  assert.deepEqual(
    done.map(({ domain, texts }) => [domain, texts.length]),
    [
      ['kitchen', 40],
      ['sea', 35],
      ['garden', 50],
    ],
  );
  await second.close();
});
