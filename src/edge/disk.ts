/** What the file system says, as one of the documented errors. */
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
