/** Lineages published in an object store. */
import { isHex, isRefName, MAX_MANIFEST_BYTES, parseManifest, revisionOf } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { type LineageKeys, lineageKeys } from '../objects/keys.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { parseRef, REF_BYTES } from '../store/read.ts';
import { keepingManifests, missingBlob, type PublishedFiles } from './published-files.ts';

const MAIN = /^([^/]+)\/refs\/main$/;

export function publishedInObjects(store: ObjectStore): PublishedFiles {
  const keysOf = (lineage: string): LineageKeys | null =>
    isRefName(lineage) && lineage !== 'main' ? lineageKeys(lineage) : null;
  const needed = (lineage: string): LineageKeys => {
    const keys = keysOf(lineage);
    if (keys === null) throw new CptError('CPT_VERIFY', 'There is no such lineage.');
    return keys;
  };
  const manifestBytes = async (lineage: string, revision: string): Promise<Uint8Array | null> => {
    const found = await store.get(needed(lineage).manifest(revision), MAX_MANIFEST_BYTES);
    return found === null ? null : found.bytes;
  };
  const manifest = keepingManifests(async (lineage, revision) => {
    const bytes = await manifestBytes(lineage, revision);
    if (bytes === null || revisionOf(bytes) !== revision) {
      throw new CptError('CPT_VERIFY', `The manifest ${revision} is missing or does not have its hash.`);
    }
    return parseManifest(bytes);
  });

  return {
    manifest,
    async lineages() {
      const keys = await store.list('');
      return keys.flatMap((key) => MAIN.exec(key)?.[1] ?? []).filter((name) => keysOf(name) !== null);
    },
    async resolve(lineage, rev) {
      const keys = keysOf(lineage);
      if (keys === null) return null;
      if (isHex(rev, 40)) return (await manifestBytes(lineage, rev)) === null ? null : rev;
      if (!isRefName(rev)) return null;
      const found = await store.get(keys.ref(rev), REF_BYTES);
      return found === null ? null : parseRef(found.bytes);
    },
    async read(lineage, { sha256, size }, range) {
      const part = range.from === 0 && range.to === size - 1 ? undefined : range;
      const stream = await store.stream(needed(lineage).blob(sha256), part);
      if (stream === null) throw missingBlob(sha256);
      return stream;
    },
  };
}
