/** An object store: a folder that machines share, or S3. What the roles of several machines hand each other lies in it. */
import type { Readable } from 'node:stream';
import { CptError } from '../../errors.ts';

/** Bytes, or a file with what is known of it. */
export type Content = Uint8Array | FileContent;

export interface FileContent {
  readonly file: string;
  readonly bytes: number;
  /** 64 hex digits; the store refuses other bytes where it can tell. */
  readonly sha256: string;
}

/** An object with the mark of this version of it, for `swap`. */
export interface Tagged {
  readonly bytes: Uint8Array;
  readonly tag: string;
}

/** Both ends are in it. */
export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Every method throws CptError CPT_STORE (retryable where waiting may help) and CPT_DISK_FULL. */
export interface ObjectStore {
  /** For a person. */
  readonly name: string;
  /** Null where there is none. @param limit more bytes than this are refused */
  get(key: string, limit: number): Promise<Tagged | null>;
  /** The object's bytes as they come, all or those of a range that is in it; null where there is none. Nothing is checked. */
  stream(key: string, range?: ByteRange): Promise<Readable | null>;
  /** Whole or not at all, and never over another. @returns false where one of this key is there already */
  putIfAbsent(key: string, content: Content): Promise<boolean>;
  /** Whole or not at all, over what is there: for what can be derived again, such as a ref. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  /**
   * Replaces an object that is still the one with the tag `expected`; null: that does not exist.
   * @returns its new tag, or null where it is another by now. A store that lost an answer may say null although
   *   this call replaced it: read it again before believing that.
   */
  swap(key: string, bytes: Uint8Array, expected: string | null): Promise<string | null>;
  /** Keys that begin with a prefix, which ends with `/` or is empty; sorted. */
  list(prefix: string): Promise<string[]>;
  /** Nothing happens where there is none. */
  remove(key: string): Promise<void>;
}

export interface ObjectStoreOptions {
  /** `http://host:port` of a server that is not Amazon's; by default, or where it is empty, what the AWS SDK finds in its environment. */
  readonly endpoint?: string;
}

const BUCKET = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

export interface S3Place {
  readonly bucket: string;
  /** Keys begin with it; ends with `/` where it is not empty. */
  readonly prefix: string;
}

/** @throws CptError CPT_CONFIG */
export function parseS3Url(url: string): S3Place {
  const match = BUCKET.exec(url);
  const prefix = (match?.[2] ?? '').replace(/\/$/, '');
  const isPath =
    prefix === '' || /^[A-Za-z0-9_][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_][A-Za-z0-9._-]*)*$/.test(prefix);
  if (match === null || !isPath) {
    throw new CptError('CPT_CONFIG', `${JSON.stringify(url.slice(0, 200))} is no place in S3.`, {
      hint: 'It is written s3://bucket or s3://bucket/prefix; credentials come from the environment.',
    });
  }
  return { bucket: match[1]!, prefix: prefix === '' ? '' : `${prefix}/` };
}

/**
 * @param place a folder, or `s3://bucket/prefix`
 * @throws CptError CPT_CONFIG, CPT_STORE where it cannot be used
 */
export async function openObjectStore(
  place: string,
  { endpoint }: ObjectStoreOptions = {},
): Promise<ObjectStore> {
  if (!place.startsWith('s3:')) {
    const { openFolderStore } = await import('./folder-store.ts');
    return openFolderStore(place);
  }
  const { openS3Store } = await import('./s3-store.ts'); // the SDK is loaded only where it is used
  return openS3Store(parseS3Url(place), endpoint);
}
