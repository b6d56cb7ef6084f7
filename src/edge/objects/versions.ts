/**
 * An object that processes replace against each other, as a folder without a lock: one name in it, `@<n>-<serial>`,
 * says which of the files beside it, `<n>-<serial>`, is the object now. Replacing it is renaming that one name, which
 * the file system lets succeed once: whoever comes second finds the old name gone. A process that is killed leaves at
 * most a file that nothing names, and the next one removes it.
 */
import { mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, syncFolder } from '../files.ts';
import { readPlain } from '../store/read.ts';
import type { Tagged } from './object-store.ts';

const TAG = /^@(\d{12})-[0-9a-f-]{36}$/;
const VALUE = /^(\d{12})-[0-9a-f-]{36}$/;
const READS = 100; // a reader that is overtaken so often gives up

export interface Swapping {
  /** A folder of the same file system. */
  readonly drafts: string;
  /** Gives a UUID. */
  readonly serial: () => string;
}

/** Null where there is no such folder. */
export async function readNewest(folder: string, limit: number): Promise<Tagged | null> {
  for (let read = 0; read < READS; read++) {
    const names = await readdir(folder).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return null;
      throw error;
    });
    if (names === null) return null;
    const tag = names
      .filter((name) => TAG.test(name))
      .sort()
      .at(-1);
    if (tag === undefined) continue; // it is being renamed
    const bytes = await readPlain(join(folder, tag.slice(1)), limit);
    if (bytes !== null) return { bytes, tag };
  }
  throw new Error(`${folder} has no newest version`);
}

/** See `ObjectStore.swap`. */
export async function swapNewest(
  folder: string,
  bytes: Uint8Array,
  expected: string | null,
  { drafts, serial }: Swapping,
): Promise<string | null> {
  if (expected !== null && !TAG.test(expected)) return null;
  const number = expected === null ? 1 : Number(TAG.exec(expected)![1]) + 1;
  const value = `${String(number).padStart(12, '0')}-${serial()}`;
  const tag = `@${value}`;
  const fresh = expected === null ? join(drafts, serial()) : null;
  const within = fresh ?? folder;
  try {
    if (fresh !== null) await mkdir(fresh);
    await writeDurably(join(within, value), bytes);
    if (fresh === null) await renameOnce(join(folder, expected!), join(folder, tag));
    else {
      await writeFile(join(fresh, tag), '', { flag: 'wx' });
      await syncFolder(fresh);
      await rename(fresh, folder); // refused where a folder with something in it, or a file, is there
    }
  } catch (error) {
    await rm(fresh ?? join(folder, value), { recursive: true, force: true });
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') return null;
    throw error;
  }
  await syncFolder(fresh === null ? folder : dirname(folder));
  if (fresh === null) await removeBefore(folder, number);
  return tag;
}

/** A file system over a network may lose the answer, do it again, and find the old name gone: the new one is ours alone. */
async function renameOnce(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || (await stat(to).catch(() => null)) === null) throw error;
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Files with a lower number than the newest can never be named again. */
async function removeBefore(folder: string, number: number): Promise<void> {
  for (const name of await readdir(folder)) {
    const own = VALUE.exec(name)?.[1];
    if (own !== undefined && Number(own) < number) await rm(join(folder, name), { force: true });
  }
}
