/** A state of an earlier version moves forward step by step, each whole or not at all, or is refused as it is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { RootDatabase } from 'lmdb';
import { STATE_VERSION } from '../../../src/edge/state/identity.ts';
import { STEPS, type Step } from '../../../src/edge/state/migrate.ts';
import { openRoot } from '../../../src/edge/state/root.ts';
import { State } from '../../../src/edge/state/state.ts';
import type { StateMigrated } from '../../../src/events.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-migrate-'));
after(() => fs.rmSync(place, { recursive: true }));
let folders = 0;

const OLD = STATE_VERSION - 2;

/** Two made-up steps: texts were kept in upper case, then under another name. */
const steps: readonly Step[] = [
  {
    from: OLD,
    about: 'texts in lower case',
    prepare: (root) => {
      const old = root.openDB<string, number>('old', { encoding: 'string' });
      return () => {
        for (const { key, value } of [...old.getRange()]) old.putSync(key, value.toLowerCase());
      };
    },
  },
  {
    from: OLD + 1,
    about: 'texts where they are now',
    prepare: (root) => {
      const old = root.openDB<string, number>('old', { encoding: 'string' });
      const now = root.openDB<string, number>('passages', { encoding: 'string' });
      return () => {
        for (const { key, value } of [...old.getRange()]) now.putSync(key, value);
        old.clearSync();
      };
    },
  },
];

/** A folder as the version `OLD` of the steps above would have left it. */
async function oldFolder(version: unknown = OLD, lineage = 'l'): Promise<string> {
  const folder = path.join(place, String(folders++));
  fs.mkdirSync(folder);
  await within(folder, (root) => {
    root.openDB('meta', { encoding: 'json' }).putSync('identity', { version, lineage, features: 'lexical' });
    const texts = root.openDB<string, number>('old', { encoding: 'string' });
    for (const [at, text] of ['ONE', 'TWO'].entries()) texts.putSync(at, text);
  });
  return folder;
}

async function within<T>(folder: string, use: (root: RootDatabase) => T): Promise<T> {
  const root = openRoot(folder);
  try {
    return use(root);
  } finally {
    await root.close();
  }
}

const stored = (folder: string) =>
  within(folder, (root) => ({
    identity: root.openDB('meta', { encoding: 'json' }).get('identity'),
    old: Array.from(
      root.openDB<string, number>('old', { encoding: 'string' }).getRange(),
      ({ value }) => value,
    ),
  }));

test('the steps go one behind the other, and what was done is told once', async () => {
  const folder = await oldFolder();
  const told: StateMigrated[] = [];
  const onMigrated = (event: StateMigrated) => void told.push(event);
  const state = State.open(folder, { lineage: 'l', features: 'lexical', steps, onMigrated });
  assert.deepEqual(state.texts([0, 1]), ['one', 'two']);
  await state.close();
  assert.deepEqual(told, [
    {
      event: 'StateMigrated',
      lineage: 'l',
      from: OLD,
      to: STATE_VERSION,
      changes: ['texts in lower case', 'texts where they are now'],
    },
  ]);
  const identity = { version: STATE_VERSION, lineage: 'l', features: 'lexical' };
  assert.deepEqual(await stored(folder), { identity, old: [] });
  await State.open(folder, { lineage: 'l', steps, onMigrated }).close();
  assert.equal(told.length, 1);
});

test('what a step throws leaves the version before it, and the next opening goes on from there', async () => {
  const folder = await oldFolder();
  const failing = steps.map((step, at): Step => {
    if (at === 0) return step;
    const prepare = (root: RootDatabase) => {
      const change = step.prepare(root);
      return () => {
        change();
        throw new Error('MDB_MAP_FULL');
      };
    };
    return { ...step, prepare };
  });
  assert.throws(() => State.open(folder, { lineage: 'l', steps: failing }), { code: 'CPT_DISK_FULL' });
  const half = { identity: { version: OLD + 1, lineage: 'l', features: 'lexical' }, old: ['one', 'two'] };
  assert.deepEqual(await stored(folder), half);
  let from: number | undefined;
  const state = State.open(folder, { lineage: 'l', steps, onMigrated: (event) => (from = event.from) });
  assert.deepEqual([state.texts([0, 1]), from], [['one', 'two'], OLD + 1]);
  await state.close();
});

for (const [point, version, old] of [
  ['before-migration', OLD, ['ONE', 'TWO']],
  ['mid-migration', OLD, ['ONE', 'TWO']],
  ['after-migration', OLD + 1, ['one', 'two']],
] as const) {
  test(`killed at ${point}`, async () => {
    const folder = await oldFolder();
    const url = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const script = `
      import { State } from ${url('../../../src/edge/state/state.ts')};
      const prepare = (root) => {
        const old = root.openDB('old', { encoding: 'string' });
        return () => {
          for (const { key, value } of [...old.getRange()]) old.putSync(key, value.toLowerCase());
        };
      };
      const steps = [${OLD}, ${OLD + 1}].map((from) => ({ from, about: '', prepare }));
      const at = (point) => point === '${point}' && process.kill(process.pid, 'SIGKILL');
      State.open(${JSON.stringify(folder)}, { lineage: 'l', steps, at });
    `;
    const flags = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { signal, stderr } = spawnSync(process.execPath, flags, { encoding: 'utf8' });
    assert.equal(signal, 'SIGKILL', stderr);
    assert.deepEqual(await stored(folder), { identity: { version, lineage: 'l', features: 'lexical' }, old });
  });
}

test('newer versions, versions without a way and those of another lineage are refused and left as they are', async () => {
  const newer = await oldFolder(STATE_VERSION + 1);
  const odd = await oldFolder('4');
  const older = await oldFolder(OLD - 1);
  const other = await oldFolder(OLD, 'other');
  const cases = [
    [newer, 'CPT_STATE_VERSION', /that wrote it, or a later one/],
    [odd, 'CPT_STATE_VERSION', /There is no way/],
    [older, 'CPT_STATE_VERSION', /There is no way/],
    [other, 'CPT_STATE', /--lineage other/],
  ] as const;
  for (const [folder, code, hint] of cases) {
    const before = await stored(folder);
    assert.throws(
      () => State.open(folder, { lineage: 'l', steps }),
      (error: { code: string; hint: string }) => {
        assert.equal(error.code, code);
        assert.match(error.hint, hint);
        return true;
      },
    );
    assert.deepEqual(await stored(folder), before);
  }
});

test("the program's own steps lead one to the next and end at this version", () => {
  for (const [at, { from, about }] of STEPS.entries()) {
    assert.equal(from, STATE_VERSION - STEPS.length + at);
    assert.ok(about.length > 0);
  }
});
