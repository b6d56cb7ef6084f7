/** The LMDB environment of a state folder: one file, with LMDB's table of readers beside it. */
import fs from 'node:fs';
import path from 'node:path';
import { open, type RootDatabase } from 'lmdb';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';

export const STATE_FILE = 'state.lmdb';
const DATABASES_MOST = 16;
/** LMDB's mark, behind the first page's own header. A file without it would end the process, not throw. */
const MAGIC = 0xbeefc0de;
const MAGIC_AT = 24;

/** For the process that holds the folder's lock. @throws CptError CPT_STATE where the file is something else */
export function openRoot(folder: string): RootDatabase {
  return openAt(path.join(folder, STATE_FILE), false);
}

/**
 * For anybody else, also while that process writes: what is read in one turn of the event loop is one snapshot. Only
 * LMDB's table of readers is written to.
 * @throws CptError CPT_STATE where there is none, or it is something else
 */
export function readRoot(folder: string): RootDatabase {
  const file = path.join(folder, STATE_FILE);
  if (!fs.existsSync(file)) {
    throw new CptError('CPT_STATE', `${folder} is not a state folder: it has no ${STATE_FILE}.`);
  }
  return openAt(file, true);
}

function openAt(file: string, readOnly: boolean): RootDatabase {
  try {
    checkMagic(file);
    return open({ path: file, noSubdir: true, maxDbs: DATABASES_MOST, readOnly });
  } catch (error) {
    throw diskError(error, file, 'CPT_STATE');
  }
}

function checkMagic(file: string): void {
  const first = Buffer.alloc(MAGIC_AT + 4);
  let handle: number | undefined;
  try {
    handle = fs.openSync(file, 'r');
    if (fs.fstatSync(handle).size === 0) return; // one is made
    if (fs.readSync(handle, first, 0, first.length, 0) === first.length) {
      const at = first.subarray(MAGIC_AT);
      if (at.readUInt32LE() === MAGIC || at.readUInt32BE() === MAGIC) return;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
  throw new CptError('CPT_STATE', `${file} is not an LMDB database.`, { hint: 'Restore it from a backup.' });
}
