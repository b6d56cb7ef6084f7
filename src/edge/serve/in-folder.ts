/** Lineages published in a folder. */
import { readdir } from 'node:fs/promises';
import { isRefName } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { openPlain } from '../store/read.ts';
import { openStore, type Store } from '../store/store.ts';
import { keepingManifests, missingBlob, type PublishedFiles } from './published-files.ts';

/** @param out folder that lineages are published in */
export function publishedInFolder(out: string): PublishedFiles {
  const storeOf = (lineage: string): Store | null =>
    isRefName(lineage) && lineage !== 'main' ? openStore(out, lineage) : null;
  const needed = (lineage: string): Store => {
    const store = storeOf(lineage);
    if (store === null) throw new CptError('CPT_VERIFY', 'There is no such lineage.');
    return store;
  };
  const resolve = async (lineage: string, rev: string): Promise<string | null> =>
    (await storeOf(lineage)
      ?.resolve(rev)
      .catch(() => null)) ?? null;

  return {
    resolve,
    async lineages() {
      const entries = await readdir(out, { withFileTypes: true }).catch(() => []);
      const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
      const published = await Promise.all(names.map((name) => resolve(name, 'main')));
      return names.filter((_, at) => published[at] !== null).sort();
    },
    manifest: keepingManifests((lineage, revision) => needed(lineage).readManifest(revision)),
    async read(lineage, { sha256, size }, { from, to }) {
      const handle = await openPlain(needed(lineage).layout.blob(sha256)).catch(() => null);
      if (handle === null || (await handle.stat()).size !== size) {
        await handle?.close();
        throw missingBlob(sha256);
      }
      return handle.createReadStream({ start: from, end: to, highWaterMark: 1 << 18 });
    },
  };
}
