/** A folder as an object store, for processes of one machine or a file system that machines share. */
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, link, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { errnoOf, makeFolder, syncFolder } from '../files.ts';
import { openPlain, readPlain } from '../store/read.ts';
import { checkKey, checkPrefix } from './keys.ts';
import type { Content, ObjectStore } from './object-store.ts';
import { readNewest, swapNewest } from './versions.ts';

/** Drafts lie here; what a killed process left is swept when it is older than this. */
const DRAFTS = '_tmp';
const STALE_MS = 24 * 3600 * 1000;

/** @throws CptError CPT_STORE where it cannot be made or used */
export async function openFolderStore(folder: string): Promise<ObjectStore> {
  const drafts = join(folder, DRAFTS);
  const pathOf = (key: string): string => join(folder, ...checkKey(key).split('/'));

  async function draft(content: Content): Promise<string> {
    const path = join(drafts, randomUUID());
    if (!(content instanceof Uint8Array)) await copyFile(content.file, path, constants.COPYFILE_EXCL);
    const handle = await open(path, content instanceof Uint8Array ? 'wx' : 'r+');
    try {
      if (content instanceof Uint8Array) await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return path;
  }

  /** Lays a draft at a path through `place`, and is durable after it. */
  async function lay(
    path: string,
    content: Content,
    place: (draft: string) => Promise<void>,
  ): Promise<boolean> {
    const written = await draft(content);
    try {
      await makeFolder(dirname(path));
      await place(written);
      await syncFolder(dirname(path));
      return true;
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(written, { force: true });
    }
  }

  async function guarded<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act();
    } catch (error) {
      throw diskError(error, `The store ${folder}`, 'CPT_STORE');
    }
  }

  await guarded(() => sweep(drafts));
  return {
    name: folder,
    get: (key, limit) =>
      guarded(async () => {
        const path = pathOf(key);
        const newest = await readNewest(path, limit);
        if (newest !== null) return newest;
        const bytes = await readPlain(path, limit);
        return bytes === null ? null : { bytes, tag: 'plain' };
      }),
    stream: (key, range) =>
      guarded(async () => {
        const handle = await openPlain(pathOf(key));
        const part = range === undefined ? {} : { start: range.from, end: range.to };
        return handle === null ? null : handle.createReadStream({ highWaterMark: 1 << 20, ...part });
      }),
    putIfAbsent: (key, content) =>
      guarded(async () => {
        const path = pathOf(key);
        return !(await isThere(path)) && lay(path, content, (written) => link(written, path));
      }),
    put: (key, bytes) =>
      guarded(async () => {
        const path = pathOf(key);
        await lay(path, bytes, (written) => rename(written, path));
      }),
    swap: (key, bytes, expected) =>
      guarded(async () => {
        const path = pathOf(key);
        await makeFolder(dirname(path));
        return swapNewest(path, bytes, expected, { drafts, serial: randomUUID });
      }),
    list: (prefix) =>
      guarded(async () => {
        const root = prefix === '' ? folder : pathOf(checkPrefix(prefix).slice(0, -1));
        return (await keysIn(root, prefix)).sort();
      }),
    remove: (key) => guarded(() => rm(pathOf(key), { recursive: true, force: true })),
  };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}

async function sweep(drafts: string): Promise<void> {
  await makeFolder(drafts);
  const now = Date.now();
  for (const name of await readdir(drafts)) {
    const path = join(drafts, name);
    const known = await stat(path).catch(() => null);
    if (known !== null && now - known.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
  }
}

/** A folder of versions is one object: its names begin with `@`, which no part of a key does. */
async function keysIn(root: string, prefix: string): Promise<string[]> {
  const entries = await readdir(root, { withFileTypes: true }).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  });
  if (entries.some(({ name }) => name.startsWith('@'))) return [prefix.slice(0, -1)];
  const found: string[] = [];
  for (const entry of entries) {
    const key = `${prefix}${entry.name}`;
    if (key === DRAFTS) continue;
    if (entry.isFile()) found.push(key);
    else if (entry.isDirectory()) found.push(...(await keysIn(join(root, entry.name), `${key}/`)));
  }
  return found.filter(isKey);
}

/** Others may have put files here: what is no key is no object. */
function isKey(key: string): boolean {
  try {
    return checkKey(key) === key;
  } catch (error) {
    if (error instanceof CptError) return false;
    throw error;
  }
}
