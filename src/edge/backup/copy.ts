/** Copying files while their content is hashed, durably. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { makeFolder, syncFolder } from '../files.ts';
import type { Measured } from '../measured.ts';
import { openPlain } from '../store/read.ts';

const CHUNK = 1 << 20;

export interface CopyOptions {
  /** Bytes to copy at most; default: all. */
  readonly most?: number;
  /** Nobody may write to the copy. */
  readonly readOnly?: boolean;
}

/**
 * Copies a plain file to a place where none is; null where there is none to copy.
 * @throws CptError CPT_VERIFY where it is a link or cannot be read, CPT_DISK_FULL, CPT_STATE
 */
export async function copyHashed(
  from: string,
  to: string,
  { most = Number.POSITIVE_INFINITY, readOnly = false }: CopyOptions = {},
): Promise<Measured | null> {
  const source = await openPlain(from).catch((error: Error) => {
    throw new CptError('CPT_VERIFY', `${from}: ${error.message}.`);
  });
  if (source === null) return null;
  const hash = createHash('sha256');
  let size = 0;
  try {
    await makeFolder(path.dirname(to));
    const target = await open(to, 'wx', readOnly ? 0o444 : 0o644);
    try {
      const buffer = Buffer.alloc(CHUNK);
      while (size < most) {
        const { bytesRead } = await source.read(buffer, 0, Math.min(CHUNK, most - size), size);
        if (bytesRead === 0) break;
        const chunk = buffer.subarray(0, bytesRead);
        hash.update(chunk);
        for (let done = 0; done < bytesRead; ) done += (await target.write(chunk, done)).bytesWritten;
        size += bytesRead;
      }
      await target.sync();
    } finally {
      await target.close();
    }
    await syncFolder(path.dirname(to));
  } catch (error) {
    throw diskError(error, to, 'CPT_STATE');
  } finally {
    await source.close();
  }
  return { size, sha256: hash.digest('hex') };
}
