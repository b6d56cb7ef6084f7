/** One process that does everything, and keeps a copy of what it publishes in a store. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { writeHead } from '../../../src/edge/objects/head.ts';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
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

test('a lineage that the role train has there is left alone', async () => {
  const store = await openObjectStore(folder);
  await writeHead(store, { lineage: 'shared', epoch: 1, owner: 'trainer', writes: 1, tasks: [] }, null);
  const { status, stderr } = run('shared');
  assert.equal(status, 1);
  assert.match(stderr, /^CPT_STORE: shared is trained by the role train in /m);
});
