/** Files that are there whole or not at all, whatever interrupts: temporary file, fsync, rename, fsync of the folder. */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskError } from './disk.ts';

/** Called at named points, so that a test can crash there. */
export type At = (point: string) => void;

export interface AtomicOptions {
  /** A folder on the same file system that is there; default: the file's own, which is made where it is not. */
  readonly temporary?: string;
  /** Written once and never changed: nobody may write to it. */
  readonly readOnly?: boolean;
  /** Called at `before-rename` and `after-rename`. */
  readonly at?: At;
}

let serial = 0;

/**
 * Writes or replaces a file. After a failure the temporary file is gone.
 * @throws CptError CPT_DISK_FULL where there is no space, CPT_STATE where the folder cannot be written
 */
export async function writeAtomic(
  path: string,
  chunks: readonly Uint8Array[],
  { temporary, readOnly = false, at = () => {} }: AtomicOptions = {},
): Promise<void> {
  const folder = temporary ?? dirname(path);
  if (temporary === undefined) await makeFolder(folder);
  const draft = join(folder, `${basename(path)}.${process.pid}-${serial++}.tmp`);
  try {
    const handle = await open(draft, 'wx', readOnly ? 0o444 : 0o644);
    try {
      for (const chunk of chunks) await writeAll(handle, chunk);
      await handle.sync();
    } finally {
      await handle.close();
    }
    at('before-rename');
    await rename(draft, path);
    at('after-rename');
    await syncFolder(dirname(path));
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    await rm(draft, { force: true }).catch(() => {}); // the first failure is the one to tell
    throw diskError(error, path, 'CPT_STATE');
  }
}

const DRAFT = /\.(\d+)-(\d+)\.tmp$/;

/**
 * Removes the temporary files that killed processes left in a folder; none where it is not there. For a folder that
 * this process alone writes to: another's drafts would go too.
 * @returns how many there were
 * @throws CptError CPT_STATE where the folder cannot be changed
 */
export async function sweepDrafts(folder: string): Promise<number> {
  try {
    const left = (await readdir(folder)).filter((name) => {
      const [, pid, number] = DRAFT.exec(name) ?? [];
      // an earlier process may have had this one's id, as in a container; this one has counted up to `serial`
      return pid !== undefined && (Number(pid) !== process.pid || Number(number) >= serial);
    });
    for (const name of left) await rm(join(folder, name), { force: true });
    return left.length;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return 0;
    throw diskError(error, folder, 'CPT_STATE');
  }
}

type Handle = Awaited<ReturnType<typeof open>>;

async function writeAll(handle: Handle, chunk: Uint8Array): Promise<void> {
  for (let from = 0; from < chunk.byteLength; ) {
    const { bytesWritten } = await handle.write(chunk, from, Math.min(WRITE_BYTES, chunk.byteLength - from));
    from += bytesWritten;
  }
}

const WRITE_BYTES = 64 * 1024 * 1024; // one call writes less than 2 GiB on every system

/** Makes a folder and everything above it, durably. */
export async function makeFolder(path: string): Promise<void> {
  try {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    for (let made = path; made !== dirname(first); made = dirname(made)) await syncFolder(dirname(made));
  } catch (error) {
    throw diskError(error, path, 'CPT_STATE');
  }
}

/** Makes what was created, renamed or removed in a folder durable. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return; // folders cannot be opened there
  const handle = await open(path, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export function errnoOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' && /^E[A-Z0-9]+$/.test(code) ? code : undefined;
}
