/** Where a file feed stopped, and whether what it is given now is still the same content. */
import { createHash } from 'node:crypto';
import { CptError } from '../../errors.ts';
import type { ByteSource } from './byte-source.ts';
import type { FeedOffsets } from './feed.ts';

const PREFIX = 4096;

/** A byte offset into the decompressed content, and the lines that lie before it. */
export interface FilePosition {
  readonly bytes: number;
  readonly line: number;
}

/** The beginning of a content, by which it is known again. */
export class ContentHead {
  readonly start: FilePosition;
  #bytes = Buffer.alloc(0);

  constructor(start: FilePosition, bytes: Uint8Array) {
    this.start = start;
    this.add(bytes);
  }

  /** The next chunk of the content, as long as the head has room for it. */
  add(chunk: Uint8Array): void {
    const room = PREFIX - this.#bytes.length;
    if (room > 0) this.#bytes = Buffer.concat([this.#bytes, chunk.subarray(0, room)]);
  }

  /** SHA-256 of what lies before an offset, of its first 4,096 bytes at most: a file that grows stays the same. */
  hash(offset: number): string {
    return hashPrefix(this.#bytes, offset);
  }
}

/**
 * Brings a source to the offset where an earlier run stopped; a pipe with other content than then stays at its
 * start.
 *
 * @throws CptError CPT_FEED when the offsets are not a file's, or a file is not what it was
 */
export async function resume(source: ByteSource, from: FeedOffsets | null): Promise<ContentHead> {
  const fresh = (): ContentHead => new ContentHead({ bytes: 0, line: 0 }, new Uint8Array(0));
  if (from === null) return fresh();
  const start = { bytes: Number(from.bytes), line: Number(from.line) };
  if (!isCount(start.bytes) || !isCount(start.line) || from.prefix === undefined) {
    throw refused(`The state was written while reading another kind of feed than ${source.name}.`);
  }
  const taken = await take(source, Math.min(PREFIX, start.bytes));
  if (hashPrefix(taken, start.bytes) !== from.prefix) {
    if (source.rereadable) throw refused(`${source.name} has changed since its first part was read.`);
    source.unread(taken);
    return fresh();
  }
  if (source.seek !== undefined && source.size !== undefined) {
    const size = await source.size();
    if (size < start.bytes) throw shorter(source, size, start);
    source.seek(start.bytes);
  } else {
    await skip(source, taken, start);
  }
  return new ContentHead(start, taken.subarray(0, start.bytes));
}

/** Reads at least so many bytes, fewer only at the end. */
async function take(source: ByteSource, bytes: number): Promise<Uint8Array> {
  let taken = Buffer.alloc(0);
  while (taken.length < bytes) {
    const chunk = await source.next();
    if (chunk === null) break;
    taken = Buffer.concat([taken, chunk]);
  }
  return taken;
}

async function skip(source: ByteSource, taken: Uint8Array, start: FilePosition): Promise<void> {
  let chunk = taken;
  let passed = chunk.length;
  while (passed < start.bytes) {
    const next = await source.next();
    if (next === null) throw shorter(source, passed, start);
    chunk = next;
    passed += chunk.length;
  }
  source.unread(chunk.subarray(chunk.length - (passed - start.bytes)));
}

function hashPrefix(content: Uint8Array, offset: number): string {
  return createHash('sha256')
    .update(content.subarray(0, Math.min(PREFIX, offset)))
    .digest('hex');
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function shorter(source: ByteSource, size: number, start: FilePosition): CptError {
  const stopped = `the last run stopped at byte ${start.bytes}, line ${start.line}`;
  return refused(`${source.name} has changed: it has ${size} bytes, and ${stopped}.`);
}

function refused(message: string): CptError {
  return new CptError('CPT_FEED', message, {
    hint: 'Give the feed that this state belongs to, or another folder with --state to begin anew.',
  });
}
