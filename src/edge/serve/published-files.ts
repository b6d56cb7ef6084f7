/** What is served: lineages as they were published, in a folder. */
import { type FileHandle, readdir } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isRefName, type Manifest } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { openPlain } from '../store/read.ts';
import { openStore, type Store } from '../store/store.ts';

export interface PublishedFiles {
  /** Names of the lineages that have something published, sorted. */
  lineages(): Promise<string[]>;
  /** The revision that a ref or an id names, or null. */
  resolve(lineage: string, rev: string): Promise<string | null>;
  /** @throws CptError CPT_VERIFY where it is damaged */
  manifest(lineage: string, revision: string): Promise<Manifest>;
  /**
   * Bytes `from` to `to`, both in it, of the file with a hash.
   * @throws CptError CPT_VERIFY where it is missing or not of the size that the manifest says
   */
  read(lineage: string, file: { sha256: string; size: number }, from: number, to: number): Promise<Readable>;
}

const MOST_KEPT = 64; // manifests; one never changes

/** @param out folder that lineages are published in */
export function publishedIn(out: string): PublishedFiles {
  const kept = new Map<string, Manifest>();
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
    async manifest(lineage, revision) {
      const key = `${lineage}/${revision}`;
      const known = kept.get(key);
      if (known !== undefined) return known;
      const manifest = await needed(lineage).readManifest(revision);
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      kept.set(key, manifest);
      return manifest;
    },
    async read(lineage, { sha256, size }, from, to) {
      const handle = await openPlain(needed(lineage).layout.blob(sha256)).catch(() => null);
      if (handle === null || (await handle.stat()).size !== size) {
        await handle?.close();
        throw new CptError('CPT_VERIFY', `The blob ${sha256} is missing or has another size.`, {
          hint: 'Run verify on the lineage.',
        });
      }
      return stream(handle, from, to);
    },
  };
}

function stream(handle: FileHandle, from: number, to: number): Readable {
  return handle.createReadStream({ start: from, end: to, autoClose: true, highWaterMark: 1 << 18 });
}
