/** One file from a hub to the disk. It goes on where an earlier attempt ended, and counts only once its hash is right. */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { errnoOf, makeFolder, syncFolder } from '../files.ts';
import type { ListedFile } from './api.ts';
import { hasDigest } from './digest.ts';
import { hubIdText } from './id.ts';
import { type Asked, networkError } from './refusals.ts';
import { type Answer, ask, type Patience, patiently, told } from './request.ts';

export interface Transfer {
  readonly url: string;
  readonly file: ListedFile;
  /** Where it grows; kept when the transfer is interrupted. */
  readonly partial: string;
  /** Where it goes once it is whole. */
  readonly target: string;
  readonly asked: Asked;
  readonly patience: Patience;
  /** Bytes of the file that are here. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Not the library's own download: that one starts over after every interruption, hashes nothing, lets two processes
 * write into one file and talks on standard output.
 * @throws CptError CPT_HUB, CPT_DISK_FULL, CPT_INTERRUPTED
 */
export async function transfer(job: Transfer): Promise<void> {
  const { file, partial, target, asked } = job;
  await makeFolder(dirname(partial));
  for (let wrong = 0; ; ) {
    // a hub that starts over each time must not keep us for ever: only bytes that are new count as progress
    let most = 0;
    await patiently((progress) => {
      return append(job, (bytes) => {
        if (bytes > most) progress();
        most = Math.max(most, bytes);
        job.onBytes(bytes);
      });
    }, job.patience);
    if (await hasDigest(partial, file)) break;
    // a part may have come from elsewhere: once more from nothing
    await rm(partial, { force: true });
    if (++wrong < 2) continue;
    throw new CptError(
      'CPT_HUB',
      `${file.path} of ${hubIdText(asked.id)} came twice with a wrong checksum.`,
      {
        hint: 'What came was removed. A proxy or a mirror may change files: check HF_ENDPOINT, or try again later.',
        retryable: true,
      },
    );
  }
  try {
    await rename(partial, target);
    await syncFolder(dirname(target));
  } catch (error) {
    if (await hasDigest(target, file)) return; // somebody else was faster
    throw diskError(error, target, 'CPT_HUB');
  }
}

/** Fetches what is missing of the file in one request; returns once the file has its size. */
async function append(job: Transfer, onChunk: (bytes: number) => void): Promise<void> {
  const { file, partial, asked, patience } = job;
  const handle = await opened(partial);
  try {
    let here = (await handle.stat()).size;
    if (here > file.size) {
      await handle.truncate(0);
      here = 0;
    }
    onChunk(here);
    if (here < file.size) {
      const range = here > 0 ? { range: `bytes=${here}-` } : {};
      const answer = await ask(
        job.url,
        { headers: { ...range, 'accept-encoding': 'identity' } },
        asked,
        patience,
      );
      const end = await store(answer, handle, { ...job, onBytes: onChunk }, here);
      if (end < file.size) throw networkError(new Error('the answer ended early'), asked);
    }
    await handle.sync();
  } catch (error) {
    throw errnoOf(error) === undefined ? error : diskError(error, partial, 'CPT_HUB');
  } finally {
    await handle.close();
  }
}

async function opened(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+').catch(() => open(path, 'wx+'));
  } catch (error) {
    throw diskError(error, path, 'CPT_HUB');
  }
}

/** Where the body's first byte belongs: a hub may answer a request for the rest with the whole. */
function startOf({ status, headers }: Response, asked: number, { asked: subject, file }: Transfer): number {
  if (status === 200) return 0;
  const start = /^bytes (\d+)-/.exec(headers.get('content-range') ?? '')?.[1];
  if (status === 206 && Number(start) === asked) return asked;
  throw new CptError('CPT_HUB', `${subject.access.endpoint} answered with another part of ${file.path}.`, {
    hint: 'Check that no proxy changes what the hub says, then run the same command again.',
  });
}

/**
 * Writes an answer's body to its place in the file.
 * @param here bytes that were asked to be left out
 * @returns where the body ended
 */
async function store(answer: Answer, handle: FileHandle, job: Transfer, here: number): Promise<number> {
  const { file, asked, patience } = job;
  try {
    let at = startOf(answer.response, here, job);
    for await (const chunk of answer.response.body ?? []) {
      answer.heard();
      const bytes = chunk as Uint8Array;
      if (at + bytes.length > file.size) {
        throw new CptError('CPT_HUB', `${file.path} of ${hubIdText(asked.id)} is longer than it is listed.`, {
          hint: 'Check that no proxy changes what the hub says, then run the same command again.',
        });
      }
      await written(handle, bytes, at, job.partial);
      at += bytes.length;
      job.onBytes(at);
    }
    return at;
  } catch (error) {
    throw told(error, asked, patience.signal);
  } finally {
    answer.done();
  }
}

async function written(handle: FileHandle, bytes: Uint8Array, at: number, path: string): Promise<void> {
  try {
    for (let from = 0; from < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, from, bytes.length - from, at + from);
      from += bytesWritten;
    }
  } catch (error) {
    throw diskError(error, path, 'CPT_HUB');
  }
}
