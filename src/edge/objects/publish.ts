/** What a lineage publishes, from a local folder into a store: content first, then the manifest, the refs at the end. */
import { readFile } from 'node:fs/promises';
import { openStore } from '../store/store.ts';
import { readHead, refsOf } from './head.ts';
import { type LineageKeys, lineageKeys } from './keys.ts';
import type { ObjectStore } from './object-store.ts';

const MAX_REF_BYTES = 64;

/**
 * Copies a revision. Nothing points to it yet.
 * @param out folder of published lineages
 * @throws CptError CPT_VERIFY where the folder is damaged, CPT_STORE, CPT_DISK_FULL
 */
export async function copyRevision(
  store: ObjectStore,
  out: string,
  lineage: string,
  revision: string,
): Promise<void> {
  const { layout, readManifest } = openStore(out, lineage);
  const keys = lineageKeys(lineage);
  const { files } = await readManifest(revision);
  for (const [sha256, bytes] of new Map(files.map((file) => [file.sha256, file.size]))) {
    await store.putIfAbsent(keys.blob(sha256), { file: layout.blob(sha256), bytes, sha256 });
  }
  const bytes = await readFile(layout.manifest(revision));
  await store.putIfAbsent(keys.manifest(revision), bytes);
}

/**
 * Makes the refs in the store those of the head. Whoever does it last leaves them right: where the head was replaced
 * meanwhile, it is done again for the new one.
 * @param only refs that may have to move; by default all
 */
export async function settleRefs(
  store: ObjectStore,
  lineage: string,
  only?: readonly string[],
): Promise<void> {
  const keys = lineageKeys(lineage);
  for (let names = only; ; names = undefined) {
    const before = await readHead(store, lineage);
    if (before === null) return;
    const refs = refsOf(before.head);
    for (const name of names ?? refs.keys()) {
      const revision = refs.get(name);
      if (revision !== undefined) await point(store, keys, name, revision);
    }
    if ((await readHead(store, lineage))?.tag === before.tag) return;
  }
}

export async function point(
  store: ObjectStore,
  keys: LineageKeys,
  name: string,
  revision: string,
): Promise<void> {
  const content = Buffer.from(`${revision}\n`);
  const now = await store.get(keys.ref(name), MAX_REF_BYTES);
  if (now === null || !content.equals(now.bytes)) await store.put(keys.ref(name), content);
}
