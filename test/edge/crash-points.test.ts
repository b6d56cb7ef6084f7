/** The whole program, killed at the named points of its transactions and started again: the bytes are the same. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../fixtures/tiny-base.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-crash-'));
const base = path.join(place, 'base');
const feed = path.join(place, 'feed.jsonl');
let calm: Record<string, string>;

function run(name: string, crashAt?: string) {
  const places = ['--state', path.join(place, name, 'state'), '--out', path.join(place, name, 'out')];
  const flags = ['--feed', feed, '--base', base, '--lineage', 'l', ...places, ...tinyFlags];
  return spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'run', ...flags], {
    encoding: 'utf8',
    env: { ...process.env, ...(crashAt === undefined ? {} : { CPT_CRASH_AT: crashAt }) },
  });
}

before(() => {
  writeTinyBase(base);
  // a broken record too: dead letters must not double
  fs.writeFileSync(feed, `${tinyFeed(['kitchen'], 40)}{"text": 7\n${tinyFeed(['sea', 'kitchen'], 40)}`);
  assert.equal(run('calm').status, 0);
  calm = tree(path.join(place, 'calm', 'out'));
});
after(() => fs.rmSync(place, { recursive: true }));

for (const point of [
  'before-commit:1',
  'mid-commit:1',
  'after-commit:2',
  'before-complete:2',
  'after-complete:1',
]) {
  test(`killed at ${point}`, () => {
    const name = point.replace(':', '-');
    assert.equal(run(name, point).signal, 'SIGKILL', 'the point was not passed');
    const again = run(name);
    assert.equal(again.status, 0, again.stderr);
    assert.deepEqual(tree(path.join(place, name, 'out')), calm);
    const letters = fs.readFileSync(path.join(place, name, 'state', 'l', 'dead-letters.jsonl'), 'utf8');
    assert.equal(letters.trim().split('\n').length, 1, 'the broken record is put aside once');
  });
}
