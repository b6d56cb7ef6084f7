/** One process that does everything, and keeps a copy of what it publishes in a store. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { writeHead } from '../../../src/edge/objects/head.ts';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
import { mirrorTo } from '../../../src/edge/roles/mirror.ts';
import type { TrainerSetup } from '../../../src/edge/trainer/protocol.ts';
import { CptError } from '../../../src/errors.ts';
import type { CptEvent } from '../../../src/events.ts';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../../fixtures/tiny-base.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-mirror-'));
const base = path.join(place, 'base');
const feed = path.join(place, 'feed.jsonl');
const folder = path.join(place, 'store');
writeTinyBase(base);
fs.writeFileSync(feed, tinyFeed(['kitchen', 'sea'], 40));
after(() => fs.rmSync(place, { recursive: true }));

function cpt(command: string, ...args: string[]) {
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', command, ...args], {
    encoding: 'utf8',
  });
}
const run = (lineage: string) =>
  cpt(
    'run',
    ...['--feed', feed, '--base', base, '--lineage', lineage, '--store', folder, ...tinyFlags],
    ...['--state', path.join(place, 'state'), '--out', path.join(place, 'out')],
  );

test('the copy in a store is what was published, and verifies', async () => {
  const { status, stderr } = run('news');
  assert.equal(status, 0, stderr);
  const published = tree(path.join(place, 'out', 'news'));
  assert.ok(Object.keys(published).includes('refs/main'));
  assert.deepEqual(tree(path.join(folder, 'news')), published);
  const verified = cpt('verify', path.join(folder, 'news'));
  assert.equal(verified.status, 0, verified.stderr);
});

test('a store that is away is waited for until the run is stopped, and what was not copied is at the next start', async () => {
  const out = path.join(place, 'out');
  const at = (ref: string): string => fs.readFileSync(path.join(out, 'news', 'refs', ref), 'utf8').trim();
  const names = fs.readdirSync(path.join(out, 'news', 'refs'));
  const ref = names.find((name) => name.endsWith('.1') && at(name) === at('main'))!;
  const domain = ref.slice(0, -2);
  const published = { event: 'CheckpointPublished', domain, ref, revision: at('main') };
  const own = await openObjectStore(path.join(place, 'away'));
  let away = 0;
  const store: typeof own = {
    ...own,
    async put(key, bytes) {
      if (away-- > 0) throw new CptError('CPT_STORE', 'It is away.', { retryable: true });
      await own.put(key, bytes);
    },
  };
  const lines: string[] = [];
  const say = (_: object, line: string): void => {
    lines.push(line);
    if (away > 100) trainer.stop();
  };
  const mirror = await mirrorTo({
    store,
    lineage: 'news',
    clock: () => 0,
    logger: { debug() {}, info: say, warn: say, error() {} },
    start: () => ({
      run: async () => ({ events: [published as CptEvent] }),
      measure: () => false,
      drain: () => [],
      failure: null,
      stop() {},
      close: async () => {},
    }),
  });
  const setup = { out } as TrainerSetup;
  const job = { task: 2, domain, near: [], texts: [], signatures: [] };
  let trainer = mirror(setup);
  away = 1;
  await trainer.run(job, () => {});
  assert.deepEqual(lines, ['It is away. The copy waits.', 'the store takes copies again']);
  const copied = tree(path.join(place, 'away', 'news'));
  for (const name of [ref, domain, 'main']) {
    assert.equal(copied[`refs/${name}`], tree(path.join(out, 'news'))[`refs/${name}`]);
    await own.remove(`news/refs/${name}`);
  }
  away = 1000;
  await assert.rejects(
    trainer.run(job, () => {}),
    { code: 'CPT_INTERRUPTED', message: 'Task 2 is published, but not copied.' },
  );
  away = 0;
  trainer = mirror(setup);
  await trainer.run(job, () => {});
  assert.deepEqual(tree(path.join(place, 'away', 'news')), copied);
});

test('a lineage that the role train has there is left alone', async () => {
  const store = await openObjectStore(folder);
  await writeHead(store, { lineage: 'shared', epoch: 1, owner: 'trainer', writes: 1, tasks: [] }, null);
  const { status, stderr } = run('shared');
  assert.equal(status, 1);
  assert.match(stderr, /^CPT_STORE: shared is trained by the role train in /m);
});
