/** The LMDB environment of a state folder: one file, with LMDB's table of readers beside it. */
import path from 'node:path';
import { open, type RootDatabase } from 'lmdb';

export const STATE_FILE = 'state.lmdb';
const DATABASES_MOST = 16;

/** For the process that holds the folder's lock. */
export function openRoot(folder: string): RootDatabase {
  return open({ path: path.join(folder, STATE_FILE), noSubdir: true, maxDbs: DATABASES_MOST });
}
