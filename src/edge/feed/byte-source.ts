/** A file or a pipe as decompressed bytes. */
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { CptError } from '../../errors.ts';
import { gunzip } from './gunzip.ts';

export interface ByteSource {
  /** What a person calls it: the file's name, or `stdin`. */
  readonly name: string;
  /** Whether a read may have to wait for somebody to write. */
  readonly live: boolean;
  /** Whether it is a file that can be read again, not a pipe. */
  readonly rereadable: boolean;
  /** The next part of the content, decompressed; null at its end. One call at a time. */
  next(): Promise<Uint8Array | null>;
  /** Makes a part that was read the next one again. */
  unread(part: Uint8Array): void;
  /** Moves to a byte; what was unread is forgotten. Only for a plain file. */
  readonly seek?: (byte: number) => void;
  /** Bytes of the content now; only for a plain file. */
  readonly size?: () => Promise<number>;
  close(): Promise<void>;
}

export interface ByteSourceOptions {
  /** What `-` reads. */
  readonly stdin: Readable;
  /** Wait at the end of a plain file for more, as `tail -f` does. */
  readonly follow: boolean;
}

const CHUNK = 1 << 16;
const POLL_MS = 250;
const SNIFF = 4; // bytes that tell what a file is

/** What other files begin with: read as lines they would be dead letters by the thousand. */
const FOREIGN: readonly (readonly [bytes: readonly number[], what: string])[] = [
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd'],
  [[0x42, 0x5a, 0x68], 'compressed with bzip2'],
  [[0xfd, 0x37, 0x7a, 0x58], 'compressed with xz'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF file'],
  [[0xff, 0xfe], 'UTF-16 text'],
  [[0xfe, 0xff], 'UTF-16 text'],
];
const GZIP = [0x1f, 0x8b];

/** @throws CptError CPT_FEED for content of a kind that is not read, or the error of the file system */
export async function openBytes(path: string, options: ByteSourceOptions): Promise<ByteSource> {
  if (path === '-') return fromStream('stdin', options.stdin);
  const name = basename(path);
  const handle = await open(path, 'r');
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' });
    if (stat.isFile()) return await fromFile(name, handle, options.follow);
    return await fromStream(name, handle.createReadStream());
  } catch (error) {
    await handle.close().catch(() => {});
    throw error;
  }
}

async function fromFile(name: string, handle: FileHandle, follow: boolean): Promise<ByteSource> {
  const head = await handle.read(Buffer.alloc(SNIFF), 0, SNIFF, 0);
  const zipped = isGzip(name, head.buffer.subarray(0, head.bytesRead));
  if (zipped && follow) throw foreign(name, 'compressed, and cannot be followed while it grows');
  const closing = new AbortController();
  let position = 0;
  async function* read(): AsyncGenerator<Uint8Array> {
    while (!closing.signal.aborted) {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafeSlow(CHUNK), 0, CHUNK, position);
      position += bytesRead;
      if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
      else if (!follow) return;
      else if ((await handle.stat()).size < position)
        throw new Error('it was cut short while being followed');
      else await sleep(POLL_MS, undefined, { signal: closing.signal }).catch(() => {});
    }
  }
  const close = async (): Promise<void> => {
    closing.abort();
    await handle.close();
  };
  const parts = readable(zipped ? gunzip(read()) : read());
  const common = { name, live: follow, rereadable: true, next: parts.next, unread: parts.unread, close };
  if (zipped) return common;
  const seek = (byte: number): void => {
    parts.forget();
    position = byte;
  };
  return { ...common, seek, size: async () => (await handle.stat()).size };
}

async function fromStream(name: string, stream: Readable): Promise<ByteSource> {
  const raw = readable(stream);
  let head = Buffer.alloc(0);
  while (head.length < SNIFF && !head.includes('\n')) {
    const chunk = await raw.next();
    if (chunk === null) break;
    head = Buffer.concat([head, chunk]);
  }
  raw.unread(head);
  async function* all(): AsyncGenerator<Uint8Array> {
    for (let chunk = await raw.next(); chunk !== null; chunk = await raw.next()) yield chunk;
  }
  const { next, unread } = isGzip(name, head) ? readable(gunzip(all())) : raw;
  const close = async (): Promise<void> => {
    stream.destroy();
  };
  return { name, live: true, rereadable: false, next, unread, close };
}

/** Pulls chunks one by one, with a place for one that was pulled too early. */
function readable(
  chunks: AsyncIterable<Uint8Array>,
): Pick<ByteSource, 'next' | 'unread'> & { forget(): void } {
  const iterator = chunks[Symbol.asyncIterator]();
  let kept: Uint8Array | null = null;
  return {
    async next() {
      if (kept !== null && kept.length > 0) {
        const part = kept;
        kept = null;
        return part;
      }
      const { value, done } = await iterator.next();
      return done ? null : value;
    },
    unread(part) {
      kept = part;
    },
    forget() {
      kept = null;
    },
  };
}

function isGzip(name: string, head: Uint8Array): boolean {
  const begins = (bytes: readonly number[]): boolean => bytes.every((byte, at) => head[at] === byte);
  for (const [bytes, what] of FOREIGN) if (begins(bytes)) throw foreign(name, what);
  return begins(GZIP);
}

function foreign(name: string, what: string): CptError {
  return new CptError('CPT_FEED', `${name} is ${what}.`, {
    hint: 'A file feed reads UTF-8 text or JSON Lines, plain or compressed with gzip.',
  });
}
