import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { fits, packagesCheck } from '../../../src/cli/doctor/packages.ts';
import {
  clockCheck,
  databaseChecks,
  stateCheck,
  stateStanding,
  timeSyncCheck,
} from '../../../src/cli/doctor/state.ts';
import { PACKAGE_FILE } from '../../../src/edge/bundled.ts';
import { STATE_VERSION } from '../../../src/edge/state/identity.ts';
import { State } from '../../../src/edge/state/state.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-doctor-'));
after(() => fs.rmSync(place, { recursive: true }));

test('a state: none, sound, of a process that runs, of another version, damaged', async () => {
  const folder = path.join(place, 'l');
  assert.match((await stateCheck(folder)).detail, /a new one is made/);
  await State.open(folder, { lineage: 'l' }).close();
  assert.deepEqual(await stateCheck(folder), {
    name: 'state',
    standing: 'ok',
    detail: `${folder}: version ${STATE_VERSION}, 0 trained tasks`,
  });
  const identity = { version: STATE_VERSION, lineage: 'l', features: undefined };
  const sound = { folder, identity, holder: null, unread: [], segments: [] };
  const running = stateStanding({ ...sound, holder: { pid: 7, alive: true } });
  assert.deepEqual([running.standing, /process 7 runs on it/.test(running.detail)], ['note', true]);
  assert.equal(stateStanding({ ...sound, holder: { pid: 7, alive: false } }).standing, 'ok');
  assert.equal(stateStanding({ ...sound, identity: { ...identity, version: 99 } }).standing, 'missing');
  assert.equal(stateStanding({ ...sound, unread: ['the queue'] }).standing, 'missing');
  fs.writeFileSync(path.join(folder, 'state.lmdb'), 'x'.repeat(9000));
  assert.match((await stateCheck(folder)).detail, /^CPT_STATE: .* is not an LMDB database/);
});

test('a place for LMDB is tried and left as it was', async () => {
  const before = fs.readdirSync(place);
  const [database, clock] = await databaseChecks(path.join(place, 'new', 'state'), () => 1e9 - 0.5);
  assert.equal(database!.name, 'state database');
  assert.notEqual(database!.standing, 'missing', database!.detail);
  assert.equal(clock!.standing, 'note');
  assert.deepEqual(fs.readdirSync(place), before);
  const [none] = await databaseChecks(path.join(PACKAGE_FILE, 'state'), () => 0);
  assert.equal(none!.standing, 'missing');
});

test('clocks', () => {
  const now = Date.UTC(2026, 0, 2) / 1000;
  assert.deepEqual(clockCheck(now, 0.01).detail, '2026-01-02T00:00:00.000Z');
  assert.match(clockCheck(now, -60).detail, /the state's disk is 60 s behind$/);
  assert.match(clockCheck(0, 0).detail, /^1970.*set it$/);
  assert.deepEqual(
    ['yes', 'no', null].map((told) => timeSyncCheck(told).standing),
    ['ok', 'note', 'ok'],
  );
});

test('packages: what is installed fits; a caret keeps the first part that is not 0', () => {
  const check = packagesCheck(PACKAGE_FILE);
  assert.equal(check.standing, 'ok', check.detail);
  assert.match(check.detail, /onnxruntime-node \d+\.\d+\.\d+/);
  const cases: [string, string, boolean][] = [
    ['1.2.3', '^1.2.3', true],
    ['1.10.0', '^1.2.3', true],
    ['1.2.2', '^1.2.3', false],
    ['2.0.0', '^1.2.3', false],
    ['0.3.9', '^0.3.4', true],
    ['0.4.0', '^0.3.4', false],
    ['0.0.5', '^0.0.4', false],
    ['4.22.0', '4.22.0', true],
    ['4.22.1', '4.22.0', false],
    ['4.5.0', 'npm:@scope/name@^4.3.1', true],
    ['4.5.0', 'latest', false],
  ];
  for (const [version, range, expected] of cases)
    assert.equal(fits(version, range), expected, `${version} ${range}`);
  const file = path.join(place, 'package.json');
  fs.writeFileSync(file, JSON.stringify({ version: '1.0.0', dependencies: { 'cpt-no-such': '^1.0.0' } }));
  assert.match(packagesCheck(file).detail, /^cpt-no-such is not here, not \^1\.0\.0: run npm ci$/);
});
