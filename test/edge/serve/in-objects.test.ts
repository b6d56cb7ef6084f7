/** What an object store serves is what a folder serves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Revision } from '../../../src/checkpoint/index.ts';
import { lineageKeys } from '../../../src/edge/objects/keys.ts';
import { type ObjectStore, openObjectStore } from '../../../src/edge/objects/object-store.ts';
import { publishedInObjects } from '../../../src/edge/serve/in-objects.ts';
import { CptError } from '../../../src/errors.ts';
import { smallRevision } from '../../checkpoint/help/small-revision.ts';
import { withS3 } from '../objects/with-s3.ts';
import { freshFolder } from '../store/help.ts';

const s3 = withS3();
const revision = smallRevision();

async function publish(store: ObjectStore, { files, manifestBytes, refs, ...made }: Revision): Promise<void> {
  const keys = lineageKeys('news');
  for (const { sha256, chunks } of files) await store.putIfAbsent(keys.blob(sha256), Buffer.concat(chunks));
  await store.putIfAbsent(keys.manifest(made.revision), manifestBytes);
  for (const ref of refs) await store.put(keys.ref(ref), Buffer.from(`${made.revision}\n`));
}

for (const kind of ['folder', 's3']) {
  test(`${kind}: refs, manifests, whole files and parts of them`, async (t) => {
    const endpoint = kind === 's3' ? s3.server(t)?.endpoint : '';
    if (endpoint === undefined) return;
    const store = await openObjectStore(
      kind === 's3' ? await s3.place() : await freshFolder(),
      kind === 's3' ? { endpoint } : {},
    );
    await publish(store, revision);
    const files = publishedInObjects(store);
    assert.deepEqual(await files.lineages(), ['news']);
    for (const rev of ['main', 'd1', 'd1.1', revision.revision]) {
      assert.equal(await files.resolve('news', rev), revision.revision, rev);
    }
    for (const [lineage, rev] of [
      ['news', 'd9'],
      ['news', '0'.repeat(40)],
      ['olds', 'main'],
      ['../news', 'main'],
      ['news', '../refs/main'],
    ] as const) {
      assert.equal(await files.resolve(lineage, rev), null, `${lineage} ${rev}`);
    }
    assert.deepEqual(await files.manifest('news', revision.revision), revision.manifest);
    const { sha256, size, chunks } = revision.files.find(({ path }) => path === 'config.json')!;
    const bytes = Buffer.concat(chunks);
    const read = async (from: number, to: number) =>
      Buffer.concat(await (await files.read('news', { sha256, size }, { from, to })).toArray());
    assert.deepEqual(await read(0, size - 1), bytes);
    assert.deepEqual(await read(3, 9), bytes.subarray(3, 10));
    await assert.rejects(
      files.read('news', { sha256: '0'.repeat(64), size: 1 }, { from: 0, to: 0 }),
      CptError,
    );
  });
}

test('a manifest that is not what its name says is not served', async () => {
  const store = await openObjectStore(await freshFolder());
  await publish(store, { ...revision, manifestBytes: Buffer.from('{}') });
  await assert.rejects(
    publishedInObjects(store).manifest('news', revision.revision),
    (error) => error instanceof CptError && error.code === 'CPT_VERIFY',
  );
});
