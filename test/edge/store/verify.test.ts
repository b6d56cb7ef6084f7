import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { canonicalJson, revisionOf } from '../../../src/checkpoint/index.ts';
import { openStore, verifyLineage } from '../../../src/edge/store/index.ts';
import { smallRevision } from '../../checkpoint/help/small-revision.ts';
import { faultsOf, freshFolder } from './help.ts';

const first = smallRevision();
const second = smallRevision({ domain: 'd2', task: 2, parents: [first.revision] });
let published = '';

before(async () => {
  published = await freshFolder();
  const store = openStore(published, 'sample');
  await store.publish(first);
  await store.publish(second);
});

/** A copy of the lineage to damage. */
async function copy(lineage = 'sample'): Promise<string> {
  const folder = join(await freshFolder(), lineage);
  await cp(join(published, 'sample'), folder, { recursive: true });
  return folder;
}

const blobOf = (path: string, revision = first) => revision.files.find((file) => file.path === path)!.sha256;
const inBlobs = (sha256: string) => join('blobs', 'sha256', sha256);
const inRevisions = (revision: string) => join('revisions', `${revision}.json`);

test('one bit of a blob', async () => {
  const folder = await copy();
  const blob = inBlobs(blobOf('plugin.safetensors'));
  const bytes = await readFile(join(folder, blob));
  bytes[bytes.length - 1]! ^= 1;
  await chmod(join(folder, blob), 0o644);
  await writeFile(join(folder, blob), bytes);
  assert.deepEqual(await faultsOf(folder), {
    [blob]: 'its content does not have the hash that its name says',
    [inRevisions(first.revision)]: 'the blob of its file plugin.safetensors is missing or damaged',
  });
});

test('a blob that is missing breaks every revision that uses it', async () => {
  const folder = await copy();
  await rm(join(folder, inBlobs(first.manifest.base)));
  const fault = 'the blob of its file base.safetensors is missing or damaged';
  assert.deepEqual(await faultsOf(folder), {
    [inRevisions(first.revision)]: fault,
    [inRevisions(second.revision)]: fault,
  });
});

test('a manifest that was changed, or is called after another', async () => {
  const folder = await copy();
  const manifest = join(folder, inRevisions(second.revision));
  await chmod(manifest, 0o644);
  const text = await readFile(manifest, 'utf8');
  await writeFile(manifest, text.replace('"tokens": 123456', '"tokens": 123457'));
  const fault = `The manifest ${second.revision} does not have the hash that its name says.`;
  const gone = `the revision ${second.revision} is missing or damaged`;
  assert.deepEqual(await faultsOf(folder), {
    [inRevisions(second.revision)]: fault,
    [join('refs', 'd2')]: gone,
    [join('refs', 'd2.1')]: gone,
    [join('refs', 'main')]: gone,
  });
});

/** Puts a manifest with changed content under the name that its hash gives it. */
async function forge(folder: string, changed: object): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalJson({ ...first.manifest, ...changed }));
  const path = inRevisions(revisionOf(bytes));
  await writeFile(join(folder, path), bytes);
  return path;
}

test('a manifest that is well-named and says what is not so', async () => {
  const folder = await copy();
  const [file, ...rest] = first.manifest.files;
  const size = await forge(folder, { files: [{ ...file!, size: file!.size + 1 }, ...rest] });
  const parent = await forge(folder, { parents: ['0'.repeat(40)] });
  const lineage = await forge(folder, { lineage: 'other' });
  const hostile = await forge(folder, { files: [{ ...file!, path: '../../etc/passwd' }, ...rest] });
  const faults = await faultsOf(folder);
  assert.deepEqual(Object.keys(faults).sort(), [size, parent, lineage, hostile].sort());
  assert.match(faults[size]!, /its file LICENSE has \d+ bytes, not \d+/);
  assert.match(faults[parent]!, /its parent 0{40} is missing/);
  assert.match(faults[lineage]!, /belongs to the lineage other/);
  assert.match(faults[hostile]!, /not a safe path/);
});

test('a parent that was withdrawn explains its absence, by a record that is one', async () => {
  const folder = await copy();
  const store = openStore(join(folder, '..'), 'sample');
  const record = join('withdrawn', `${first.revision}.json`);
  await mkdir(join(folder, 'withdrawn'));
  await cp(join(published, 'sample', 'refs', 'd1'), join(folder, record)); // not such a record
  assert.deepEqual(await faultsOf(folder), { [record]: 'it is not the record of a withdrawn revision' });
  await rm(join(folder, record));
  const withdrawal = { domain: 'd1', ref: 'd1.1', task: 1, revision: first.revision };
  assert.equal(await store.withdraw([withdrawal]), second.revision);
  assert.deepEqual(await faultsOf(folder), {});
  // what a crash may leave: the manifest of one that is on its way out
  await cp(join(published, 'sample', inRevisions(first.revision)), join(folder, inRevisions(first.revision)));
  const fault = 'it was withdrawn and is still there: run cpt retire again';
  assert.deepEqual(await faultsOf(folder), { [inRevisions(first.revision)]: fault });
  await writeFile(join(folder, 'withdrawn', 'stranger'), '{}');
  const { [join('withdrawn', 'stranger')]: stranger } = await faultsOf(folder);
  assert.equal(stranger, 'its name is not that of a revision');
});

test('main goes back to the newest revision that is left, and a damaged manifest stops everything', async () => {
  const folder = await copy();
  const store = openStore(join(folder, '..'), 'sample');
  const withdrawal = { domain: 'd2', ref: 'd2.1', task: 2, revision: second.revision };
  const manifest = join(folder, inRevisions(first.revision));
  const text = await readFile(manifest, 'utf8');
  await chmod(manifest, 0o644);
  await writeFile(manifest, text.replace('123456', '123457'));
  await assert.rejects(store.withdraw([withdrawal]), { code: 'CPT_VERIFY' });
  assert.equal((await store.refs()).main, second.revision);
  await writeFile(manifest, text);
  assert.equal(await store.withdraw([withdrawal]), first.revision);
  assert.deepEqual(await store.refs(), { d1: first.revision, 'd1.1': first.revision, main: first.revision });
  assert.deepEqual(await faultsOf(folder), {});
});

test('a lineage under another name', async () => {
  const folder = await copy('renamed');
  assert.equal(Object.values(await faultsOf(folder)).length, 2);
});

test('refs that point elsewhere, hold something else, or are missing', async () => {
  const folder = await copy();
  const ref = (name: string) => join(folder, 'refs', name);
  await writeFile(ref('d1'), `${second.revision}\n`);
  await writeFile(ref('d1.1'), 'x'.repeat(1000));
  await writeFile(ref('d3'), `${first.revision}\n`);
  await writeFile(ref('d4'), `${'0'.repeat(40)}\n`);
  await writeFile(ref('.tmp'), `${first.revision}\n`);
  await rm(ref('main'));
  assert.deepEqual(await faultsOf(folder), {
    [join('refs', '.tmp')]: 'its name is not that of a ref',
    [join('refs', 'd1')]: 'it points to version 1 of d2',
    [join('refs', 'd1.1')]: 'it does not hold a revision',
    [join('refs', 'd3')]: 'it points to version 1 of d1',
    [join('refs', 'd4')]: `the revision ${'0'.repeat(40)} is missing or damaged`,
    [join('refs', 'main')]: 'it is missing',
  });
});

test('links, pipes, folders and strangers in the place of files', async () => {
  const folder = await copy();
  const blob = inBlobs(blobOf('README.md'));
  await rename(join(folder, blob), join(folder, 'elsewhere'));
  await symlink(join(folder, 'elsewhere'), join(folder, blob));
  await writeFile(join(folder, 'blobs', 'sha256', 'stranger'), '');
  await mkdir(join(folder, inBlobs('0'.repeat(64))));
  await writeFile(join(folder, 'revisions', 'README'), '');
  await mkdir(join(folder, 'revisions', `${'1'.repeat(40)}.json`));
  await mkdir(join(folder, 'refs', 'd5'));
  const pipe = inBlobs('f'.repeat(64));
  if (process.platform !== 'win32') execFileSync('mkfifo', [join(folder, pipe)]);
  const faults = await faultsOf(folder);
  assert.equal(faults[blob], 'it is a link');
  assert.equal(faults[join('blobs', 'sha256', 'stranger')], 'its name is not a hash');
  assert.equal(faults[inBlobs('0'.repeat(64))], 'it is not a plain file');
  assert.equal(faults[join('revisions', 'README')], 'its name is not that of a revision');
  assert.match(faults[inRevisions('1'.repeat(40))]!, /not a plain file/);
  assert.equal(faults[join('refs', 'd5')], 'it does not hold a revision');
  if (process.platform !== 'win32') assert.equal(faults[pipe], 'it is not a plain file');
});

test('a folder that is no lineage is one error', async () => {
  const nothing = verifyLineage(await freshFolder());
  await assert.rejects(nothing.next(), { code: 'CPT_VERIFY', message: /not a published lineage/ });
  const nowhere = verifyLineage(join(await freshFolder(), 'x'));
  await assert.rejects(nowhere.next(), { code: 'CPT_VERIFY' });

  const file = await copy();
  await rm(join(file, 'refs'), { recursive: true });
  await writeFile(join(file, 'refs'), '');
  await assert.rejects(faultsOf(file), { name: 'CptError', code: 'CPT_VERIFY' });
});
