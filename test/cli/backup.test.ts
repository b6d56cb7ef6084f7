/** A lineage is looked at and backed up while it runs, restored elsewhere, and goes on to the same bytes. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { type BackupFile, encodeBackup, readBackup } from '../../src/edge/backup/manifest.ts';
import type { StateInspection } from '../../src/edge/inspect/state.ts';
import { tinyFeed, tinyFlags, tree, writeTinyBase } from '../fixtures/tiny-base.ts';
import { fakeHost } from './fake-host.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-backup-'));
after(() => fs.rmSync(place, { recursive: true }));
const at = (...names: string[]): string => path.join(place, ...names);
const placesOf = (name: string): string[] => ['--state', at(name, 'state'), '--out', at(name, 'out')];
const kept = at('backup');
// a broken record too: dead letters are backed up
const feed = `${tinyFeed(['kitchen'], 40)}{"text": 7\n${tinyFeed(['sea', 'garden'], 40)}`;
const cut = feed.indexOf('\n', feed.length / 2) + 1;

async function cpt(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost();
  const status = await dispatch(argv, host);
  return { status, out: host.out(), err: host.err() };
}

const runFlags = (name: string): string[] => {
  const flags = ['--feed', '-', '--base', at('base'), '--lineage', 'l', ...placesOf(name), ...tinyFlags];
  return ['--import', 'tsx', 'src/cli/main.ts', 'run', ...flags];
};

async function inspected(name: string): Promise<StateInspection> {
  const { status, out, err } = await cpt('inspect', at(name, 'state', 'l'), '--json');
  assert.equal(status, 0, err);
  return JSON.parse(out) as StateInspection;
}

before(async () => {
  writeTinyBase(at('base'));
  const child = spawn(process.execPath, runFlags('whole'), { stdio: ['pipe', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data) => (errors += data));
  const ended = once(child, 'exit');
  try {
    child.stdin.write(feed.slice(0, cut));
    for (let trained = 0; trained === 0; ) {
      assert.equal(child.exitCode, null, errors);
      await new Promise((resolve) => setTimeout(resolve, 100));
      if (fs.existsSync(at('whole', 'state', 'l', 'state.lmdb'))) {
        trained = (await inspected('whole')).progress.trained ?? 0;
      }
    }
    const { holder, segments, unread } = await inspected('whole');
    assert.deepEqual(holder, { pid: child.pid, alive: true });
    assert.ok(segments.length >= 1 && unread.length === 0);
    const backedUp = await cpt('backup', '--lineage', 'l', ...placesOf('whole'), '--to', kept);
    assert.equal(backedUp.status, 0, backedUp.err);
    assert.equal(child.exitCode, null, 'it goes on');
    child.stdin.end(feed.slice(cut));
    assert.deepEqual(await ended, [0, null], errors);
  } finally {
    child.kill('SIGKILL');
  }
});

test('restored elsewhere it is sound, and a run on it publishes what one publishes that was never interrupted', async () => {
  assert.equal((await cpt('restore', kept, ...placesOf('again'))).status, 0);
  assert.match((await cpt('verify', at('again', 'out', 'l'))).out, /^sound: /);
  const before = await inspected('again');
  assert.ok(before.progress.trained! < (await inspected('whole')).progress.trained!);
  assert.equal(before.holder, null);
  const { status, stderr } = spawnSync(process.execPath, runFlags('again'), {
    input: feed,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(tree(at('again', 'out')), tree(at('whole', 'out')));
  const letters = (name: string) => fs.readFileSync(at(name, 'state', 'l', 'dead-letters.jsonl'), 'utf8');
  assert.equal(letters('again'), letters('whole'));
  assert.match((await cpt('verify', at('again', 'out', 'l'))).out, /^sound: /);
});

test('what is there is not overwritten', async () => {
  const again = await cpt('backup', '--lineage', 'l', ...placesOf('whole'), '--to', kept);
  assert.match(again.err, /^CPT_CONFIG: .*backup is there already\./);
  const over = await cpt('restore', kept, ...placesOf('whole'));
  assert.match(over.err, /^CPT_CONFIG: .*state\/l is there already\./);
  const published = await cpt('restore', kept, '--state', at('none'), '--out', at('whole', 'out'));
  assert.match(published.err, /^CPT_CONFIG: .*out\/l is there already\./);
  assert.equal(fs.existsSync(at('none')), false);
});

/** One file of each kind. */
async function kinds(): Promise<string[]> {
  const { files } = await readBackup(kept);
  const byKind = new Map(files.map(({ path: name }) => [path.dirname(name).replace(/\d{6}/, ''), name]));
  return ['backup.json', 'state/state.lmdb', 'state/dead-letters.jsonl', ...byKind.values()];
}

async function refused(name: string, change: (folder: string) => void, message: RegExp): Promise<void> {
  const folder = at('broken');
  fs.cpSync(kept, folder, { recursive: true });
  change(folder);
  const { status, err } = await cpt('restore', folder, ...placesOf('nowhere'));
  fs.rmSync(folder, { recursive: true });
  assert.equal(status, 1, name);
  assert.match(err, message);
  for (const part of ['state', 'out']) {
    const left = fs.existsSync(at('nowhere', part)) ? fs.readdirSync(at('nowhere', part)) : [];
    assert.deepEqual(left, [], name);
  }
}

test('a byte that is off in any kind of file, a file that is gone or a link: refused by name', async () => {
  const all = await kinds();
  assert.ok(all.length >= 7);
  for (const name of all) {
    const message = new RegExp(`^CPT_VERIFY: .*${name}`);
    const flip = (folder: string) => {
      const file = path.join(folder, name);
      const bytes = fs.readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      fs.rmSync(file);
      fs.writeFileSync(file, bytes);
    };
    await refused(name, flip, message);
  }
  const name = 'state/state.lmdb';
  await refused(
    'gone',
    (folder) => fs.rmSync(path.join(folder, name)),
    /^CPT_VERIFY: .*state\.lmdb is missing/,
  );
  const link = (folder: string) => {
    fs.rmSync(path.join(folder, name));
    fs.symlinkSync(path.join(kept, name), path.join(folder, name));
  };
  await refused('link', link, /^CPT_VERIFY: .*state\.lmdb: it is a link/);
});

test('a manifest that leads elsewhere is refused, whatever its hash', async () => {
  const { files, trained } = await readBackup(kept);
  const [first] = files as [BackupFile];
  const hostile = (path: string) =>
    encodeBackup({ lineage: 'l', trained, files: [...files, { ...first, path }] });
  for (const name of [
    '../l',
    'out/../../x',
    '/etc/x',
    'state/lock',
    'out/refs/..',
    'out/refs/a/b',
    first.path,
  ]) {
    await refused(
      name,
      (folder) => fs.writeFileSync(path.join(folder, 'backup.json'), hostile(name)),
      /^CPT_VERIFY/,
    );
  }
  const other = encodeBackup({ lineage: 'other', trained, files });
  const write = (folder: string) => fs.writeFileSync(path.join(folder, 'backup.json'), other);
  await refused('other', write, /is not of lineage other/);
});

test('killed on the way nothing is half there, and the same command completes it', async () => {
  const run = (point: string, ...argv: string[]) =>
    spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...argv], {
      env: { ...process.env, CPT_CRASH_AT: point },
    });
  const to = at('second');
  const backup = ['backup', '--lineage', 'l', ...placesOf('whole'), '--to', to];
  assert.equal(run('backup-complete', ...backup).signal, 'SIGKILL');
  assert.equal(fs.existsSync(to), false);
  assert.equal((await cpt(...backup)).status, 0);
  const command = ['restore', to, ...placesOf('third')];
  assert.equal(run('restore-published', ...command).signal, 'SIGKILL');
  assert.equal(fs.existsSync(at('third', 'state', 'l')), false);
  const { status, err } = await cpt(...command);
  assert.equal(status, 0, err);
  assert.deepEqual(tree(at('third', 'out', 'l')), tree(at('whole', 'out', 'l')));
  assert.deepEqual(fs.readdirSync(at('third', 'state')), ['l']);
});
