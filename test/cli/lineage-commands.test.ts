/** inspect, verify and export on a small published lineage. */
import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { dispatch } from '../../src/cli/dispatch.ts';
import { inspectionLines, type LineageInspection } from '../../src/cli/inspection.ts';
import { openStore } from '../../src/edge/store/index.ts';
import { smallRevision } from '../checkpoint/help/small-revision.ts';
import { fakeHost } from './fake-host.ts';

const out = await mkdtemp(path.join(tmpdir(), 'cpt-cli-'));
after(() => rm(out, { recursive: true, force: true }));
const store = openStore(out, 'sample');
const first = smallRevision();
const second = smallRevision({ domain: 'd2', task: 2, parents: [first.revision] });
for (const revision of [first, second]) await store.publish(revision);
const dir = path.join(out, 'sample');

async function cpt(...argv: string[]): Promise<{ status: number; out: string; err: string }> {
  const host = fakeHost();
  const status = await dispatch(argv, host);
  return { status, out: host.out(), err: host.err() };
}

test('inspect tells each revision, its refs and its own bytes', async () => {
  const { status, out: printed } = await cpt('inspect', dir, '--json');
  assert.equal(status, 0);
  const inspection = JSON.parse(printed) as LineageInspection;
  assert.equal(inspection.lineage, 'sample');
  assert.deepEqual(
    inspection.revisions.map(({ revision, task, domain, refs }) => ({ revision, task, domain, refs })),
    [
      { revision: first.revision, task: 1, domain: 'd1', refs: ['d1', 'd1.1'] },
      { revision: second.revision, task: 2, domain: 'd2', refs: ['d2', 'd2.1', 'main'] },
    ],
  );
  const [row] = inspection.revisions;
  const base = first.files.find((file) => file.path === 'base.safetensors')!;
  const distinct = new Map(first.files.map((file) => [file.sha256, file.size]));
  const all = [...distinct.values()].reduce((sum, size) => sum + size, 0);
  assert.deepEqual([row!.bytes, row!.ownBytes], [all, all - base.size]);
  for (const { sha256, size } of second.files) distinct.set(sha256, size);
  assert.equal(
    inspection.bytes,
    [...distinct.values()].reduce((sum, size) => sum + size, 0),
  );
});

test('inspect prints a table for a person', () => {
  const row = {
    revision: 'a'.repeat(40),
    refs: ['d1', 'main'],
    domain: 'd1',
    label: 'salt, oven',
    version: 1,
    task: 1,
    parents: [],
    base: 'b'.repeat(64),
    occupancy: { kept: 1, neurons: 2 },
    losses: { base: 5.37, own: 5.07 },
    passages: 1200,
    tokens: 98_304,
    bytes: 20_000_000,
    ownBytes: 1_500_000,
  };
  assert.deepEqual(
    inspectionLines({ lineage: 'demo', folder: 'out/demo', bytes: 2e7, revisions: [row] }).slice(0, 4),
    [
      'demo: 1 domain, 1 revision, 20 MB',
      '',
      'task  domain  revision      passages  tokens  base  own  neurons    size  refs     label',
      '   1  d1      aaaaaaaaaaaa     1,200  98,304   215  159     50 %  1.5 MB  d1 main  salt, oven',
    ],
  );
});

test('verify finds a sound lineage sound, and names the file that is not', async () => {
  const sound = await cpt('verify', dir);
  assert.equal(sound.status, 0);
  assert.match(sound.out, /^sound: \d+ files, /);

  const blob = store.layout.blob(first.manifest.proof);
  const bytes = await readFile(blob);
  await chmod(blob, 0o644);
  await writeFile(blob, Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]));
  try {
    const broken = await cpt('verify', dir);
    assert.equal(broken.status, 1);
    assert.match(broken.out, new RegExp(`^blobs/sha256/${first.manifest.proof}: its content`, 'm'));
    assert.match(broken.err, /^CPT_VERIFY: \d+ files? of .* wrong\./);
    const json = await cpt('verify', dir, '--json');
    const findings = json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { fault: string | null });
    assert.ok(findings.some(({ fault }) => fault !== null) && findings.some(({ fault }) => fault === null));
  } finally {
    await writeFile(blob, bytes);
  }
});

test('export lays a revision out as a folder', async () => {
  const to = path.join(out, 'plain');
  const { status, out: printed } = await cpt('export', dir, '--to', to, '--ref', 'd1');
  assert.equal(status, 0);
  assert.match(printed, /^d1, version 1, is in /);
  const files = (await readdir(to, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  assert.deepEqual(
    files.map((entry) => path.relative(to, path.join(entry.parentPath, entry.name))).sort(),
    first.files.map((file) => file.path).sort(),
  );
  const missing = await cpt('export', dir, '--to', to, '--ref', 'd7');
  assert.equal(missing.status, 1);
  assert.match(missing.err, /^CPT_VERIFY: sample has no revision "d7"\./);
  assert.equal((await cpt('export', dir)).status, 2);
});

test('a folder that is no lineage, or none at all, is told', async () => {
  for (const command of ['inspect', 'verify']) {
    assert.equal((await cpt(command)).status, 2);
    const { status, err } = await cpt(command, out);
    assert.equal(status, 1);
    assert.match(err, /^CPT_VERIFY: .* is not a published lineage/);
  }
});
