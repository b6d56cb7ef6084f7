/**
 * The folder of a published lineage. Content is named by its hash and written before anything points to it; refs
 * move last, each at once. So a crash leaves what was published before, and publishing again completes it.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  isHex,
  isRefName,
  MAX_MANIFEST_BYTES,
  type Manifest,
  parseManifest,
  type Revision,
  revisionOf,
} from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { type At, makeFolder, writeAtomic } from '../files.ts';
import { type Layout, layoutOf } from './layout.ts';
import { materialise } from './materialise.ts';
import { namesIn, openPlain, parseRef, REF_BYTES, readPlain } from './read.ts';
import { type Withdrawal, withdraw } from './withdraw.ts';

export interface Published {
  readonly revision: string;
  /** Bytes of the revision's distinct files, whether they were there before or not. */
  readonly bytes: number;
}

export interface StoreOptions {
  /**
   * Called at `after-blob`, `before-rename`, `after-rename`, `before-refs`, `before-remove` and `after-remove`; what it
   * throws is a crash there.
   */
  readonly at?: At;
}

export interface Store {
  readonly layout: Layout;
  /**
   * Publishing the same revision twice is publishing it once.
   * @throws CptError CPT_DISK_FULL, CPT_STATE
   */
  publish(revision: Revision): Promise<Published>;
  /**
   * Takes revisions back, for good; doing it again completes what a crash left.
   * @returns the revision that `main` points to now, or null where no revision is left
   * @throws CptError CPT_VERIFY where a manifest is damaged, CPT_DISK_FULL, CPT_STATE
   */
  withdraw(withdrawals: readonly Withdrawal[]): Promise<string | null>;
  /** @throws CptError CPT_VERIFY where it is missing, damaged or not what its name says */
  readManifest(revision: string): Promise<Manifest>;
  /** Where each ref points, by name. */
  refs(): Promise<Record<string, string>>;
  /** The revision that a ref or an id names, or null. */
  resolve(refOrRevision: string): Promise<string | null>;
  /**
   * Lays a revision out as an ordinary folder, for programs that load models from one.
   * @throws CptError CPT_VERIFY where there is no such revision or its files are damaged, CPT_STATE, CPT_DISK_FULL
   */
  materialise(refOrRevision: string, folder: string): Promise<Manifest>;
}

/** The store of `outDir/<lineage>`; nothing is made before something is published. One publisher at a time. */
export function openStore(outDir: string, lineage: string, options: StoreOptions = {}): Store {
  const at = options.at ?? (() => {});
  if (!isRefName(lineage) || lineage === 'main') {
    throw new CptError('CPT_CONFIG', `A lineage cannot be called ${JSON.stringify(lineage)}.`, {
      hint: 'Use 1 to 64 letters, digits, ".", "_" or "-".',
    });
  }
  const layout = layoutOf(join(outDir, lineage));
  let swept = false;

  const write = (path: string, chunks: readonly Uint8Array[], readOnly: boolean) =>
    writeAtomic(path, chunks, { temporary: layout.temporary, readOnly, at });

  async function prepare(): Promise<void> {
    if (!swept) await sweep(layout.temporary);
    swept = true;
    for (const folder of [layout.blobs, layout.revisions, layout.refs, layout.temporary]) {
      await makeFolder(folder);
    }
  }

  async function resolve(name: string): Promise<string | null> {
    if (isHex(name, 40)) return (await sizeOf(layout.manifest(name))) === null ? null : name;
    if (!isRefName(name)) return null;
    const bytes = await readPlain(layout.ref(name), REF_BYTES).catch(() => null);
    return bytes === null ? null : parseRef(bytes);
  }

  async function readManifest(revision: string): Promise<Manifest> {
    return readManifestAt(layout, revision);
  }

  async function refs(): Promise<Record<string, string>> {
    const found: [string, string][] = [];
    for (const name of await namesIn(layout.refs)) {
      const revision = await resolve(name);
      if (isRefName(name) && revision !== null) found.push([name, revision]);
    }
    return Object.fromEntries(found);
  }

  return {
    layout,
    resolve,
    readManifest,
    refs,
    async withdraw(withdrawals) {
      await prepare();
      await makeFolder(layout.withdrawn);
      return withdraw(withdrawals, {
        layout,
        at,
        refs,
        write: (path, content) => write(path, [new TextEncoder().encode(content)], false),
        manifest: async (revision) => ((await resolve(revision)) === null ? null : readManifest(revision)),
      });
    },
    async publish({ revision, manifestBytes, files, refs }) {
      await prepare();
      const distinct = new Map(files.map((file) => [file.sha256, file]));
      for (const { sha256, size, chunks } of distinct.values()) {
        const path = layout.blob(sha256);
        if ((await sizeOf(path)) !== size) await write(path, chunks, true);
        at('after-blob');
      }
      const manifest = layout.manifest(revision);
      if ((await sizeOf(manifest)) !== manifestBytes.byteLength) await write(manifest, [manifestBytes], true);
      at('before-refs');
      const content = new TextEncoder().encode(`${revision}\n`);
      for (const ref of refs) await write(layout.ref(ref), [content], false);
      const bytes = [...distinct.values()].reduce((sum, { size }) => sum + size, manifestBytes.byteLength);
      return { revision, bytes };
    },
    async materialise(name, folder) {
      const revision = await resolve(name);
      if (revision === null) {
        throw new CptError(
          'CPT_VERIFY',
          `${lineage} has no revision ${JSON.stringify(name.slice(0, 100))}.`,
          {
            hint: 'Its refs are the file names in its folder refs/.',
          },
        );
      }
      const manifest = await readManifest(revision);
      await materialise(layout, manifest, folder);
      return manifest;
    },
  };
}

async function sweep(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (error) {
    throw diskError(error, folder, 'CPT_STATE');
  }
}

/** Reads and checks a manifest; see `Store.readManifest`. */
export async function readManifestAt(layout: Layout, revision: string): Promise<Manifest> {
  const path = layout.manifest(revision);
  const bytes = await readPlain(path, MAX_MANIFEST_BYTES).catch((error: Error) => {
    throw new CptError('CPT_VERIFY', `The manifest ${revision} is wrong: ${error.message}.`, {
      cause: error,
    });
  });
  if (bytes === null) throw new CptError('CPT_VERIFY', `The manifest ${revision} is missing.`);
  if (revisionOf(bytes) !== revision) {
    throw new CptError('CPT_VERIFY', `The manifest ${revision} does not have the hash that its name says.`);
  }
  return parseManifest(bytes);
}

/** Bytes of a plain file; null where there is none. */
async function sizeOf(path: string): Promise<number | null> {
  const handle = await openPlain(path).catch(() => null);
  if (handle === null) return null;
  try {
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}
