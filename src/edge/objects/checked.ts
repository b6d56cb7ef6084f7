/** Objects whose SHA-256 and size are known: what comes out of a store is that, or an error. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sha256 } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { makeFolder, syncFolder } from '../files.ts';
import { measure } from '../measured.ts';
import type { FileContent, ObjectStore } from './object-store.ts';

export interface Digest {
  /** 64 hex digits. */
  readonly sha256: string;
  readonly bytes: number;
}

export function digestOf(bytes: Uint8Array): Digest {
  return { sha256: sha256(bytes), bytes: bytes.byteLength };
}

/** @throws CptError CPT_STORE where it is missing or not what it should be */
export async function getChecked(store: ObjectStore, key: string, wanted: Digest): Promise<Uint8Array> {
  const found = await store.get(key, wanted.bytes);
  if (found === null) throw missing(store, key);
  check(store, key, digestOf(found.bytes), wanted);
  return found.bytes;
}

/** Into a file, which is there whole or not at all. @throws CptError CPT_STORE, CPT_DISK_FULL */
export async function getToFile(
  store: ObjectStore,
  key: string,
  file: string,
  wanted: Digest,
): Promise<void> {
  const source = await store.stream(key);
  if (source === null) throw missing(store, key);
  await makeFolder(dirname(file));
  const draft = `${file}.${process.pid}-0.tmp`; // one at a time, swept as others of its form
  const hash = createHash('sha256');
  let bytes = 0;
  async function* counted(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      bytes += piece.byteLength;
      if (bytes > wanted.bytes) break; // more is not taken in
      hash.update(piece);
      yield piece;
    }
  }
  try {
    await pipeline(source, counted, createWriteStream(draft));
    check(store, key, { sha256: hash.digest('hex'), bytes }, wanted);
    const handle = await open(draft, 'r+');
    await handle.sync().finally(() => handle.close());
    await rename(draft, file);
    await syncFolder(dirname(file));
  } catch (error) {
    await rm(draft, { force: true });
    throw diskError(error, `${key} of ${store.name}`, 'CPT_STORE');
  }
}

/** A file as content of an object; null where there is no such plain file. */
export async function fileContent(file: string): Promise<FileContent | null> {
  const found = await measure(file);
  return found === null ? null : { file, bytes: found.size, sha256: found.sha256 };
}

function check(store: ObjectStore, key: string, found: Digest, wanted: Digest): void {
  if (found.bytes === wanted.bytes && found.sha256 === wanted.sha256) return;
  throw new CptError('CPT_STORE', `${key} of ${store.name} does not have the hash that it should have.`, {
    hint: 'It is damaged, or somebody else has written it.',
  });
}

function missing(store: ObjectStore, key: string): CptError {
  return new CptError('CPT_STORE', `${store.name} has no ${key}.`);
}
