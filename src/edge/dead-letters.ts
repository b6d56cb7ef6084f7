/** Records that hold no passage, kept in a file so that a person can see and mend them. */
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Rejected } from '../stream/accept-records.ts';
import { diskError } from './disk.ts';
import type { FeedRecord } from './feed/feed.ts';
import { syncFolder } from './files.ts';

/** A record, and why it holds no passage. */
export type Rejection = Rejected<FeedRecord>;

/** How it stands with letters that cannot be put away at the moment. */
export interface LettersHeld {
  /** 0 once all are away. */
  readonly waiting: number;
  /** Since when they wait, seconds. */
  readonly seconds: number;
  /** Why; null once all are away. */
  readonly message: string | null;
}

export interface DeadLetters {
  /** A file's path, or what else a person finds them in. */
  readonly place: string;
  /**
   * Puts the rejections behind what is there and gives the dead-letter file's length; all are durable when it
   * resolves. The caller stores that length together with the feed's offsets.
   * @param held told when and why it takes long, and when that is over
   * @throws CptError CPT_DISK_FULL or CPT_STATE, the file is then as it was; CPT_INTERRUPTED where it was closed
   */
  append(rejections: readonly Rejection[], held?: (letters: LettersHeld) => void): Promise<number>;
  close(): Promise<void>;
}

const KEPT_BYTES = 1 << 16;

/**
 * Opens a dead-letter file, JSON Lines:
 *
 *     {"position":"reviews.jsonl:12","reason":"invalid_utf8","detail":"…","size":57,"bytes":"<base64>"}
 *
 * `bytes` is the payload as it came, its first 64 KiB where it is longer, null for a tombstone; `domain` is there
 * when the record's headers named one. The file is cut to `length`, the one that was stored last: what lies
 * behind it was written by a run that stopped before it could store its offsets, and will be read and written
 * again. So each rejected record stands in the file once. A file that a person emptied or took away is gone on
 * with as it is.
 *
 * @param length bytes to keep; 0 for a new state
 * @throws CptError CPT_DISK_FULL or CPT_STATE
 */
export async function openDeadLetters(path: string, length: number): Promise<DeadLetters> {
  let handle: FileHandle | undefined;
  try {
    handle = await openOrCreate(path);
    const { size } = await handle.stat();
    if (size > length) await handle.truncate(length);
    return new DeadLetterFile(path, handle, Math.min(size, length));
  } catch (error) {
    await handle?.close().catch(() => {});
    throw diskError(error, path, 'CPT_STATE');
  }
}

class DeadLetterFile implements DeadLetters {
  readonly place: string;
  readonly #handle: FileHandle;
  #length: number;

  constructor(path: string, handle: FileHandle, length: number) {
    this.place = path;
    this.#handle = handle;
    this.#length = length;
  }

  async append(rejections: readonly Rejection[]): Promise<number> {
    if (rejections.length === 0) return this.#length;
    const lines = Buffer.from(rejections.map((rejection) => `${lineOf(rejection)}\n`).join(''));
    try {
      for (let done = 0; done < lines.length; ) {
        const { bytesWritten } = await this.#handle.write(
          lines,
          done,
          lines.length - done,
          this.#length + done,
        );
        done += bytesWritten;
      }
      await this.#handle.datasync();
    } catch (error) {
      await this.#handle.truncate(this.#length).catch(() => {}); // the next opening does it otherwise
      throw diskError(error, this.place, 'CPT_STATE');
    }
    this.#length += lines.length;
    return this.#length;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function lineOf({ record, reason, detail }: Rejection): string {
  const { bytes, size, position, domain } = record;
  const kept = bytes === null ? null : Buffer.from(bytes.subarray(0, KEPT_BYTES)).toString('base64');
  return JSON.stringify({
    position,
    reason,
    detail,
    size,
    bytes: kept,
    ...(domain === undefined ? {} : { domain }),
  });
}

async function openOrCreate(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const handle = await open(path, 'wx+');
  await syncFolder(dirname(path));
  return handle;
}
