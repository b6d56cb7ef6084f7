import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonLine } from '../../src/cli/json.ts';
import { linesOf } from '../../src/cli/lines.ts';
import type { CptEvent } from '../../src/events.ts';
import { closed, fetching, lineage, published, read, ready, started, stepped, trained } from './events.ts';

/** One second passes before each event. */
function all(events: readonly CptEvent[], steps: boolean): string[] {
  let now = 0;
  const lines = linesOf({ steps }, () => now);
  return events.flatMap((event) => {
    now += 1;
    return lines(event);
  });
}

const RUN: CptEvent[] = [
  read(500, 700),
  {
    event: 'TrainerStarted',
    lineage,
    provider: 'cpu',
    fallbacks: ['cuda: not installed', 'webgpu: no adapter'],
  },
  closed('d1', 0, 299, 329, null, 'salt, oven'),
  started(1, 'd1', 300),
  ...[1, 2, 3, 4].map((step) => stepped(1, 'd1', step, 40, 6 - step / 10)),
  ...[5, 12].map((step) => stepped(1, 'd1', step, 40, 6 - step / 10)),
  trained(1, 'd1', [['d1', 5.37, 5.07, 5.07]]),
  published(1, 'd1', 'a'),
  closed('d1', 800, 899, 931, 'd1'),
  read(700, 0),
];

test('a run as plain lines', () => {
  assert.deepEqual(all(RUN, true), [
    'training on cpu',
    'not used: cuda: not installed; webgpu: no adapter',
    'domain d1 (salt, oven): 300 passages, 0 to 299, known at 329',
    'task 1: d1, 300 passages',
    'task 1: 10 %, step 4 of 40, loss 5.600, 1,000 tokens/s',
    'task 1: 30 %, step 12 of 40, loss 4.800, 1,000 tokens/s',
    'task 1: d1 trained, 98,304 tokens in 31 s (3,171/s), perplexity 215 → 159, nothing forgotten',
    'published d1 as aaaaaaaaaaaa, 18 MB in 0.8 s',
    'domain d1, which returned: 100 passages, 800 to 899, known at 931',
    'read 1,200 passages, about 0 waiting',
  ]);
});

test('above bars the lines leave out what the bars show', () => {
  assert.deepEqual(
    all(RUN, false).map((line) => line.split(/[ :]/).slice(0, 2).join(' ')),
    ['training on', 'not used', 'domain d1', 'task 1', 'published d1', 'domain d1,'],
  );
});

test('each task begins its tenths anew', () => {
  const events = [1, 2].flatMap((task) => [started(task, 'd1', 9), stepped(task, 'd1', 10, 10)]);
  assert.equal(all(events, true).filter((line) => line.includes('100 %')).length, 2);
});

test('a trainer that was started again says where it goes on, and its rate is that of the rest', () => {
  const common = { lineage, task: 1, domain: 'd1' };
  assert.deepEqual(
    all(
      [
        started(1, 'd1', 9),
        stepped(1, 'd1', 1, 40),
        { event: 'TrainerMeasured', lineage, memory: 2e9, microBatch: 6 },
        { event: 'TrainerWarned', lineage, code: 'CPT_DISK_FULL', message: 'There is no space\nleft.' },
        { event: 'TaskFailed', ...common, code: 'CPT_HANG', message: 'It was silent.', willRetry: true },
        { event: 'TaskResumed', ...common, step: 20, steps: 40 },
        stepped(1, 'd1', 24, 40, 5),
      ],
      true,
    ).slice(1),
    [
      'warning: CPT_DISK_FULL: There is no space left.',
      'task 1 failed: d1, CPT_HANG: It was silent.; it is tried again',
      'task 1: goes on behind step 20 of 40',
      'task 1: 60 %, step 24 of 40, loss 5.000, 1,000 tokens/s',
    ],
  );
});

test('failures and broken proofs are told plainly', () => {
  const failed: CptEvent = {
    event: 'TaskFailed',
    lineage,
    task: 2,
    domain: 'd2',
    code: 'CPT_TRAIN',
    message: 'The loss is NaN\nat step 3.',
    willRetry: true,
  };
  assert.deepEqual(all([failed, { ...failed, willRetry: false }, trained(2, 'd2', [], false)], true), [
    'task 2 failed: d2, CPT_TRAIN: The loss is NaN at step 3.; it is tried again',
    'task 2 failed: d2, CPT_TRAIN: The loss is NaN at step 3.',
    'task 2: d2 trained, 98,304 tokens in 31 s (3,171/s), NOT PROVED: an earlier domain changed',
  ]);
});

test('a base from a hub: each tenth, then the commit and why it is that one', () => {
  const way = [0, 1, 12, 14, 100].map((mb) => fetching(mb * 1e6, 100e6));
  assert.deepEqual(all([...way, ready(100e6)], true), [
    'base acme/tiny: 0 B of 100 MB',
    'base acme/tiny: 12 MB of 100 MB, 6.0 MB/s, 15 s to go',
    'base acme/tiny: 100 MB of 100 MB, 25 MB/s, 0.0 s to go',
    `base acme/tiny: commit ${'c'.repeat(40)}, 100 MB fetched`,
  ]);
  assert.deepEqual(all(way, false), []);
  assert.deepEqual(all([ready(0, true, 'The hub is away.')], false), [
    'The hub is away.',
    `base acme/tiny: commit ${'c'.repeat(40)}, which demo was begun on, from the cache`,
  ]);
});

test('dead letters are shown a few times, then at powers of ten', () => {
  const letters = Array.from({ length: 1234 }, (_, at): CptEvent => {
    return { event: 'DeadLetter', lineage, reason: 'invalid_json', position: `feed:${at + 1}` };
  });
  assert.deepEqual(all(letters, true), [
    ...[1, 2, 3, 4, 5].map((line) => `put aside: feed:${line} (invalid_json)`),
    ...['10', '100', '1,000'].map(
      (so) => `put aside: feed:${so.replace(',', '')} (invalid_json), ${so} so far`,
    ),
  ]);
});

test('a state that was moved to another version says how', () => {
  const changes = ['one thing', 'another'];
  const moved: CptEvent = { event: 'StateMigrated', lineage, from: 5, to: 7, changes };
  assert.deepEqual(all([moved], false), ['state moved from version 5 to version 7: one thing; another']);
});

test('JSON Lines hold the event as it is, one a line, null for what JSON cannot say', () => {
  const event = stepped(1, 'd1', 1, 2, Number.NaN);
  const line = jsonLine(event);
  assert.ok(line.endsWith('}\n') && line.indexOf('\n') === line.length - 1);
  assert.deepEqual(JSON.parse(line), { ...event, loss: null });
});

test('what waits to be sent is told at once, every ten seconds, and when it is taken', () => {
  const held = (
    of: 'dead_letters' | 'events',
    seconds: number,
    message: string | null = 'no broker',
  ): CptEvent => {
    return { event: 'SendingHeld', lineage, of, waiting: message === null ? 0 : 2, seconds, message };
  };
  const letters = Array.from({ length: 12 }, (_, at) => held('dead_letters', at + 1));
  const lines = all(
    [...letters, held('dead_letters', 12, null), held('dead_letters', 1), held('events', 1)],
    false,
  );
  assert.deepEqual(lines, [
    'warning: 2 dead letters waiting for 1.0 s: no broker; reading is held back until then',
    'warning: 2 dead letters waiting for 11 s: no broker; reading is held back until then',
    'dead letters are taken again, after 12 s',
    'warning: 2 dead letters waiting for 1.0 s: no broker; reading is held back until then',
    'warning: 2 events waiting for 1.0 s: no broker; all else goes on until then',
  ]);
});

test('records that are gone are told with where reading goes on', () => {
  const lines = linesOf({ steps: false }, () => 0);
  const gone = { event: 'RecordsLost', lineage: 'a', topic: 'reviews', partition: 2 } as const;
  assert.deepEqual(lines({ ...gone, reason: 'removed', from: 4, to: 9, count: 6, next: 10 }), [
    'LOST: reviews[2] 4 to 9, 6 records, was removed before it was read; reading goes on at 10',
  ]);
  assert.deepEqual(lines({ ...gone, reason: 'recreated', from: 12, to: null, count: null, next: 0 }), [
    'LOST: reviews[2] from 12 on, was in a topic that was made anew since; reading goes on at 0',
  ]);
});
