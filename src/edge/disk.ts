/** What the file system says, as one of the documented errors. */
import fs from 'node:fs';
import { CptError, type ErrorCode } from '../errors.ts';

/**
 * A full disk is CPT_DISK_FULL wherever it shows; anything else gets `code`.
 * @param place what was being read or written
 */
export function diskError(error: unknown, place: string, code: ErrorCode): CptError {
  if (error instanceof CptError) return error;
  const { code: system, message } = error as NodeJS.ErrnoException;
  if (
    system === 'ENOSPC' ||
    system === 'EDQUOT' ||
    system === 'EFBIG' ||
    /no space left|MDB_MAP_FULL/i.test(message ?? '')
  ) {
    return new CptError('CPT_DISK_FULL', `There is no space left for ${place}.`, {
      hint: 'Nothing is lost: make room and run the same command again.',
      cause: error,
    });
  }
  return new CptError(code, `${place} cannot be used: ${message ?? String(error)}.`, { cause: error });
}

/**
 * For who does not survive a disk that is full in the middle of what it does. Where the system does not tell, it is
 * taken to have room.
 * @throws CptError CPT_DISK_FULL where fewer than so many bytes are free
 */
export function requireSpace(folder: string, bytes: number): void {
  let free: number;
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    free = bavail * bsize;
  } catch {
    return;
  }
  if (free >= bytes) return;
  const full = Object.assign(new Error(`${free} bytes are free, ${bytes} are needed`), { code: 'ENOSPC' });
  throw diskError(full, folder, 'CPT_STATE');
}
