/** Reading a folder that anybody may have written: only plain files, only so many bytes. */
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { isHex } from '../../checkpoint/index.ts';
import { diskError } from '../disk.ts';
import { errnoOf } from '../files.ts';

/**
 * The bytes of a plain file, or null where there is none. Links are not followed.
 * @throws Error where it is not a plain file or has more than `limit` bytes
 */
export async function readPlain(path: string, limit: number): Promise<Uint8Array | null> {
  const handle = await openPlain(path);
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    if (size > limit) throw new Error(`it has ${size} bytes, more than ${limit}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** Opens a plain file for reading, or gives null where nothing is. */
export async function openPlain(path: string): Promise<Awaited<ReturnType<typeof open>> | null> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever
    handle = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new Error(code === 'ELOOP' ? 'it is a link' : `it cannot be read (${code})`);
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw new Error('it is not a plain file');
}

/** The revision that a ref's file holds, or null where it holds something else. */
export function parseRef(bytes: Uint8Array): string | null {
  const text = new TextDecoder().decode(bytes).replace(/\n$/, '');
  return isHex(text, 40) ? text : null;
}

/** 40 hex digits and a newline, and some room to say that there is more. */
export const REF_BYTES = 64;

/** More than the record of a withdrawn revision has. */
export const RECORD_BYTES = 4096;

/**
 * Names in a folder, sorted; none where there is no folder.
 * @throws CptError CPT_VERIFY where something else is in its place
 */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw diskError(error, folder, 'CPT_VERIFY');
  }
}
