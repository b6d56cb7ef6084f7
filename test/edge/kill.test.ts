/** The whole program, killed with SIGKILL at random moments, fifty times: it must come to what it would have come to. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { makeRng } from '../../src/rng.ts';
import { kill, trainerOf } from '../fixtures/processes.ts';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../fixtures/tiny-base.ts';

const KILLS = 50;
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-kill-'));
const base = path.join(place, 'base');
const feed = path.join(place, 'feed.jsonl');
writeTinyBase(base);
// seven tasks, one of them on a domain that returns
fs.writeFileSync(feed, tinyFeed(['kitchen', 'sea', 'garden', 'kitchen', 'sea', 'garden'], 60));
fs.appendFileSync(feed, tinyFeed(['kitchen'], 40));

const command = (name: string): string[] => [
  ...[
    '--import',
    'tsx',
    'src/cli/main.ts',
    'run',
    '--feed',
    feed,
    '--base',
    base,
    '--lineage',
    'killed',
    '--json',
  ],
  ...['--state', path.join(place, name, 'state'), '--out', path.join(place, name, 'out'), ...tinyFlags],
];

const gone = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

test(`killed ${KILLS} times, parent and trainer: nothing lost, nothing twice, the same bytes`, async (t) => {
  const begun = performance.now();
  const calm = spawnSync(process.execPath, command('calm'), { encoding: 'utf8' });
  const calmRun = performance.now() - begun;
  assert.equal(calm.status, 0, calm.stderr);

  const seed = process.env.CPT_TEST_SEED ?? '1';
  const rng = makeRng(seed).fork('kill');
  const counts = { parent: 0, trainer: 0, both: 0 };
  const total = () => counts.parent + counts.trainer + counts.both;
  let last = { status: -1, output: '', errors: '' };
  while (last.status !== 0) {
    const child = spawn(process.execPath, command('killed'), { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (errors += data));
    const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
    while (!gone(child) && total() < KILLS) {
      // on a fast machine a whole run is hardly longer than a start: some kills wait until there is a trainer
      if (rng.uniform() < 0.6) {
        while (!gone(child) && trainerOf(child.pid!) === undefined) {
          await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 50))]);
        }
      }
      await Promise.race([
        ended,
        new Promise((resolve) => setTimeout(resolve, (rng.uniform() * calmRun) / 2)),
      ]);
      if (gone(child)) break;
      const trainer = trainerOf(child.pid!);
      const victim = trainer === undefined ? 'parent' : (['parent', 'trainer', 'both'] as const)[rng.int(3)]!;
      const killed = [victim !== 'parent' && kill(trainer), victim !== 'trainer' && kill(child.pid)];
      if (killed.some(Boolean)) counts[victim] += 1;
    }
    await ended;
    last = { status: child.exitCode ?? -1, output, errors };
    assert.ok(child.exitCode === null || child.exitCode === 0, `seed ${seed}: ${errors}`);
    if (child.exitCode === 0 && total() < KILLS) {
      // done before fifty: begin anew, the killing goes on
      assert.deepEqual(tree(path.join(place, 'killed', 'out')), tree(path.join(place, 'calm', 'out')));
      fs.rmSync(path.join(place, 'killed'), { recursive: true });
      last = { status: -1, output: '', errors: '' };
    }
  }
  t.diagnostic(`seed ${seed}: killed ${JSON.stringify(counts)}`);
  assert.ok(total() >= KILLS);
  assert.ok(counts.parent > 0 && counts.trainer > 0 && counts.both > 0);
  assert.deepEqual(tree(path.join(place, 'killed', 'out')), tree(path.join(place, 'calm', 'out')));
  fs.rmSync(place, { recursive: true });
});
