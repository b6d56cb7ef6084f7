/** Files that are whole or absent, whenever the process or the machine stops. */
import fs from 'node:fs';
import path from 'node:path';
import type { ErrorCode } from '../errors.ts';
import { diskError } from './disk.ts';

/**
 * Writes a file: temporary name → fsync → rename → fsync of the folder.
 * @param at called at `before-rename` and `after-rename`, for crash tests
 * @throws CptError CPT_DISK_FULL, or `code`
 */
export function writeAtomically(
  file: string,
  data: Uint8Array | readonly Uint8Array[],
  code: ErrorCode,
  at: (point: string) => void = () => {},
): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const handle = fs.openSync(temporary, 'w');
    try {
      for (const chunk of data instanceof Uint8Array ? [data] : data) writeAll(handle, chunk);
      fs.fsyncSync(handle);
    } finally {
      fs.closeSync(handle);
    }
    at('before-rename');
    fs.renameSync(temporary, file);
    at('after-rename');
    syncFolder(path.dirname(file));
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw diskError(error, file, code);
  }
}

function writeAll(handle: number, chunk: Uint8Array): void {
  for (let done = 0; done < chunk.length; ) done += fs.writeSync(handle, chunk, done);
}

/** Makes renames in a folder durable. */
export function syncFolder(folder: string): void {
  const handle = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
