import assert from 'node:assert/strict';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openStore } from '../../../src/edge/store/index.ts';
import { smallRevision } from '../../checkpoint/help/small-revision.ts';
import { faultsOf, findingsOf, freshFolder, treeOf } from './help.ts';

const first = smallRevision();
const second = smallRevision({ domain: 'd2', task: 2, parents: [first.revision] });
const again = smallRevision({ version: 2, task: 3, parents: [second.revision] });

test('three publications: content once, refs at the newest, everything verifies', async () => {
  const out = await freshFolder();
  const store = openStore(out, 'sample');
  for (const revision of [first, second, again]) {
    const { revision: id, bytes } = await store.publish(revision);
    assert.equal(id, revision.revision);
    const sizes = new Map(revision.files.map((file) => [file.sha256, file.size]));
    const total = [...sizes.values()].reduce((sum, size) => sum + size, revision.manifestBytes.byteLength);
    assert.equal(bytes, total);
  }
  assert.deepEqual(await store.refs(), {
    d1: again.revision,
    'd1.1': first.revision,
    'd1.2': again.revision,
    d2: second.revision,
    'd2.1': second.revision,
    main: again.revision,
  });
  const distinct = new Set([first, second, again].flatMap(({ files }) => files.map((file) => file.sha256)));
  assert.deepEqual((await readdir(store.layout.blobs)).sort(), [...distinct].sort());
  assert.deepEqual(await readdir(store.layout.temporary), []);
  assert.deepEqual(await faultsOf(store.layout.root), {});
  assert.equal((await findingsOf(store.layout.root)).length, distinct.size + 3 + 6);
});

test('publishing again changes nothing; a blob of another size is written anew', async () => {
  const out = await freshFolder();
  const { layout } = openStore(out, 'sample');
  await openStore(out, 'sample').publish(first);
  const before = await treeOf(out);
  const blob = layout.blob(first.manifest.proof);
  const { mtimeMs } = await stat(blob);
  await openStore(out, 'sample').publish(first);
  assert.deepEqual(await treeOf(out), before);
  assert.equal((await stat(blob)).mtimeMs, mtimeMs);
  await chmod(blob, 0o644);
  await writeFile(blob, 'short');
  assert.notDeepEqual(await faultsOf(layout.root), {});
  await openStore(out, 'sample').publish(first);
  assert.deepEqual(await treeOf(out), before);
});

test('names and ids resolve to ids; anything else to nothing', async () => {
  const out = await freshFolder();
  const store = openStore(out, 'sample');
  assert.equal(await store.resolve('main'), null);
  assert.deepEqual(await store.refs(), {});
  await store.publish(first);
  assert.equal(await store.resolve('main'), first.revision);
  assert.equal(await store.resolve('d1.1'), first.revision);
  assert.equal(await store.resolve(first.revision), first.revision);
  for (const name of ['d2', second.revision, '../revisions/x', '', first.revision.toUpperCase(), 'd1.01']) {
    assert.equal(await store.resolve(name), null, name);
  }
  await writeFile(join(store.layout.refs, 'd9'), 'not a revision\n');
  await writeFile(join(store.layout.refs, 'd8'), `${first.revision}\n${first.revision}\n`);
  assert.deepEqual(Object.keys(await store.refs()), ['d1', 'd1.1', 'main']);
});

test('a manifest is read back, and refused when its bytes are not its name’s', async () => {
  const out = await freshFolder();
  const store = openStore(out, 'sample');
  await store.publish(first);
  assert.deepEqual(await store.readManifest(first.revision), first.manifest);
  await assert.rejects(store.readManifest(second.revision), { code: 'CPT_VERIFY', message: /is missing/ });
  await assert.rejects(store.readManifest('../../x'), { code: 'CPT_VERIFY', message: /not the name/ });
  await writeFile(store.layout.manifest(second.revision), first.manifestBytes);
  await assert.rejects(store.readManifest(second.revision), {
    code: 'CPT_VERIFY',
    message: /does not have the hash/,
  });
});

test('a revision laid out as a folder has its files and their content, again after a change too', async () => {
  const out = await freshFolder();
  const store = openStore(out, 'sample');
  await store.publish(first);
  await store.publish(second);
  const folder = join(await freshFolder(), 'models', 'mine');
  const expected = (revision: typeof first) =>
    Object.fromEntries(revision.files.map((file) => [file.path, file.sha256]));
  assert.deepEqual(await store.materialise('d1', folder), first.manifest);
  assert.deepEqual(await treeOf(folder), expected(first));
  await store.materialise('main', folder);
  await store.materialise('main', folder);
  assert.deepEqual(await treeOf(folder), expected(second));
  await writeFile(join(folder, 'config.json'), 'edited by hand');
  assert.deepEqual(await faultsOf(store.layout.root), {});
  await assert.rejects(store.materialise('d7', folder), { code: 'CPT_VERIFY', message: /no revision "d7"/ });
  await chmod(store.layout.blob(first.manifest.proof), 0o644);
  await writeFile(store.layout.blob(first.manifest.proof), 'short');
  await assert.rejects(store.materialise('d1', folder), {
    code: 'CPT_VERIFY',
    message: /plugin\.safetensors/,
  });
});

test('a full disk is one clear error; no temporary file stays, and nothing points to half a revision', async () => {
  const out = await freshFolder();
  await openStore(out, 'sample').publish(first);
  const before = await treeOf(out);
  let calls = 0;
  const full = openStore(out, 'sample', {
    at: (point) => {
      calls += point === 'before-rename' ? 1 : 0;
      if (point === 'before-rename' && calls === 3)
        throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    },
  });
  await assert.rejects(full.publish(second), {
    name: 'CptError',
    code: 'CPT_DISK_FULL',
    message: /no space left/,
  });
  assert.deepEqual(await readdir(full.layout.temporary), []);
  assert.deepEqual(await faultsOf(full.layout.root), {});
  const { refs, ...rest } = await treeAndRefs(out);
  assert.deepEqual(
    refs,
    Object.entries(before).filter(([path]) => path.includes('refs')),
  );
  assert.ok(rest.paths.length > Object.keys(before).length, 'blobs that were complete are kept');
  await full.publish(second);
  assert.equal(await full.resolve('main'), second.revision);
});

async function treeAndRefs(out: string) {
  const tree = await treeOf(out);
  return { refs: Object.entries(tree).filter(([path]) => path.includes('refs')), paths: Object.keys(tree) };
}

test('a place that cannot be written, and names that cannot be lineages', async () => {
  const out = await freshFolder();
  await mkdir(join(out, 'sample'));
  await writeFile(join(out, 'sample', 'refs'), 'a file where a folder belongs');
  await assert.rejects(openStore(out, 'sample').publish(first), { name: 'CptError', code: 'CPT_STATE' });
  for (const name of ['..', 'a/b', '', 'main', '.hidden']) {
    assert.throws(() => openStore(out, name), { code: 'CPT_CONFIG' });
  }
});

test('refs are whole lines and blobs are read-only', async () => {
  const out = await freshFolder();
  const { layout, publish } = openStore(out, 'sample');
  await publish(first);
  assert.equal(await readFile(layout.ref('main'), 'utf8'), `${first.revision}\n`);
  for (const name of await readdir(layout.blobs)) {
    assert.equal((await stat(layout.blob(name))).mode & 0o222, 0);
  }
});
