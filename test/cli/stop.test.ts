/** SIGTERM in the middle of a task: what was done of it is kept, and the next run comes to what a calm one comes to. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { kill, trainerOf } from '../fixtures/processes.ts';
import { tinyFeed, tree, writeTinyBase } from '../fixtures/tiny-base.ts';
import { type Program, startRun } from './stopping.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-stop-'));
const base = path.join(place, 'base');
const feed = path.join(place, 'feed.jsonl');
writeTinyBase(base);
fs.writeFileSync(feed, tinyFeed(['kitchen', 'sea'], 60));
after(() => fs.rmSync(place, { recursive: true }));

const STEPS = 240;
const start = (name: string, ...flags: string[]): Program =>
  startRun(
    path.join(place, name),
    ...['--feed', feed, '--base', base, '--min-steps', String(STEPS), '--max-steps', String(STEPS), ...flags],
  );

const inTheMiddle = ({ seen }: Program) =>
  seen((event) => event.event === 'TaskProgress' && event.task === 1);

test('the running step is finished and saved; the next run goes on behind it, to the same bytes', async () => {
  const calm = start('calm');
  assert.equal((await calm.ended).status, 0);

  const first = start('stopped', '--save-every', 'off');
  await inTheMiddle(first);
  first.child.kill('SIGTERM');
  const { status, errors } = await first.ended;
  assert.equal(status, 143, errors);
  assert.match(errors, /^Stopping \(SIGTERM\).*\nCPT_INTERRUPTED: Stopped by SIGTERM\. .*\n$/);
  const told = first.events.filter((event) => event.event === 'TaskProgress').at(-1)!;
  assert.ok(told.step < STEPS, 'the task was over before it was stopped');
  assert.deepEqual(
    first.events.filter(({ event }) => event === 'TaskFailed' || event === 'CheckpointPublished'),
    [],
  );

  const second = start('stopped', '--save-every', 'off');
  const resumed = await second.seen(({ event }) => event === 'TaskResumed');
  assert.equal((await second.ended).status, 0);
  assert.ok(resumed.event === 'TaskResumed' && resumed.step >= told.step && resumed.step < STEPS);
  assert.deepEqual(tree(path.join(place, 'stopped', 'out')), tree(path.join(place, 'calm', 'out')));
});

test('a trainer that does not answer: the process ends with its grace, or at once with a second signal', async () => {
  const untilGrace = start('grace', '--grace', '1');
  const untilSecond = start('second', '--grace', '600');
  await Promise.all([inTheMiddle(untilGrace), inTheMiddle(untilSecond)]);
  const trainers = [untilGrace, untilSecond].map(({ child }) => trainerOf(child.pid!)!);
  for (const trainer of trainers) process.kill(trainer, 'SIGSTOP');
  try {
    for (const { child } of [untilGrace, untilSecond]) child.kill('SIGTERM');
    const late = await untilGrace.ended;
    assert.equal(late.status, 143, late.errors);
    assert.match(late.errors, /CPT_INTERRUPTED: .* did not end within 1 s\. /);
    assert.equal(untilSecond.child.exitCode, null, 'it waits for its task');
    untilSecond.child.kill('SIGTERM');
    assert.equal((await untilSecond.ended).status, 143);
  } finally {
    for (const trainer of trainers) kill(trainer);
  }
});
