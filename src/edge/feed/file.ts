/** A file, a pipe or standard input as a feed: one record a line. */
import type { Readable } from 'node:stream';
import { CptError } from '../../errors.ts';
import { type ByteSource, openBytes } from './byte-source.ts';
import type { Feed, FeedBatch, FeedOffsets, FeedRecord, OpenFeed } from './feed.ts';
import { type ContentHead, resume } from './file-offsets.ts';
import { type Line, LineSplitter } from './lines.ts';

export interface FileFeedOptions {
  /** A longer line is given cut to so many bytes, with its whole size. Default 1 MiB. */
  readonly maxBytes?: number;
  /** A batch has at most so many records. Default 500. */
  readonly batchRecords?: number;
  /** A batch is full when it has so many bytes, and at most one line more. Default 1 MiB. */
  readonly batchBytes?: number;
  /** Wait at the end of a plain file for lines to come, as `tail -f` does. Default false. */
  readonly follow?: boolean;
  /** A live feed gives an empty batch when nothing came for so many milliseconds. Default 1,000. */
  readonly idleMs?: number;
  /** What `-` reads. Default the process's standard input. */
  readonly stdin?: Readable;
}

const MIB = 1 << 20;
const LINGER_MS = 50; // a live feed waits so long for more lines before it hands out those it has

/**
 * JSON Lines or plain lines from a file, a named pipe or standard input (`-`), gunzipped where the content is gzip
 * whatever the file is called. A record's position is `name:line`, lines counted from 1; empty lines are counted
 * and skipped. An unterminated last line is a record, except while a file is followed.
 *
 * Reading goes on at the stored offset when the content still begins as it did. A file that begins otherwise, or
 * is shorter than the offset, is an error; a pipe that begins otherwise brings new content and is read from its
 * start.
 *
 * @throws CptError CPT_FEED from opening and from `read`; what was read before a fault is given first
 */
export function openFileFeed(path: string, options: FileFeedOptions = {}): OpenFeed {
  const stdin = (): Readable => options.stdin ?? process.stdin;
  return async (from) => {
    let source: ByteSource | undefined;
    try {
      source = await openBytes(path, { stdin: stdin(), follow: options.follow ?? false });
      return new FileFeed(source, await resume(source, from), options);
    } catch (error) {
      await source?.close();
      throw feedError(path === '-' ? 'standard input' : path, error);
    }
  };
}

class FileFeed implements Feed {
  readonly #source: ByteSource;
  readonly #options: FileFeedOptions;
  readonly #head: ContentHead;
  readonly #lines: LineSplitter;
  readonly #start: number;
  #queue: Line[] = [];
  #offset: { bytes: number; line: number };
  #records = 0;
  #pending: Promise<Uint8Array | null> | null = null;
  #failure: CptError | null = null;
  #ended = false;

  constructor(source: ByteSource, head: ContentHead, options: FileFeedOptions) {
    this.#source = source;
    this.#options = options;
    this.#head = head;
    this.#offset = head.start;
    this.#start = head.start.bytes;
    this.#lines = new LineSplitter(options.maxBytes ?? MIB, head.start);
  }

  async read(): Promise<FeedBatch | null> {
    const { batchRecords = 500, batchBytes = MIB, idleMs = 1000 } = this.#options;
    const records: FeedRecord[] = [];
    let bytes = 0;
    for (;;) {
      let taken = 0;
      while (taken < this.#queue.length && records.length < batchRecords && bytes < batchBytes) {
        const line = this.#queue[taken++]!;
        records.push({ bytes: line.bytes, size: line.size, position: `${this.#source.name}:${line.number}` });
        bytes += line.bytes.length;
        this.#offset = { bytes: line.end, line: line.number };
      }
      this.#queue = this.#queue.slice(taken);
      if (this.#queue.length > 0 || this.#ended || this.#failure !== null) break;
      if (records.length === batchRecords || bytes >= batchBytes) break;
      if (!(await this.#fill(records.length > 0 ? Math.min(LINGER_MS, idleMs) : idleMs))) break;
    }
    this.#records += records.length;
    if (records.length === 0 && this.#failure !== null) throw this.#failure;
    if (records.length === 0 && this.#ended) return null;
    return { records, offsets: this.#offsets(), lag: await this.#lag() };
  }

  close(): Promise<void> {
    this.#ended = true;
    return this.#source.close();
  }

  /** Takes one more chunk apart; false when none came in time. */
  async #fill(waitMs: number): Promise<boolean> {
    if (this.#pending === null) {
      this.#pending = this.#source.next();
      this.#pending.catch(() => {}); // it may fail between two reads; the next one reports that
    }
    try {
      const chunk = await (this.#source.live ? orLater(this.#pending, waitMs) : this.#pending);
      if (chunk === LATER) return false;
      this.#pending = null;
      if (chunk === null) {
        this.#ended = true;
        this.#queue = this.#lines.end();
      } else {
        this.#head.add(chunk);
        this.#queue = this.#lines.push(chunk);
      }
    } catch (error) {
      this.#failure = feedError(`${this.#source.name}, line ${this.#lines.number + 1}`, error);
    }
    return true;
  }

  #offsets(): FeedOffsets {
    const { bytes, line } = this.#offset;
    return { bytes: String(bytes), line: String(line), prefix: this.#head.hash(bytes) };
  }

  /** Records that wait, estimated from the bytes that wait and the mean record so far. */
  async #lag(): Promise<number | null> {
    const size = await this.#source.size?.().catch(() => undefined);
    if (size === undefined || this.#records === 0) return null;
    const mean = (this.#offset.bytes - this.#start) / this.#records;
    return this.#ended && this.#queue.length === 0
      ? 0
      : Math.round(Math.max(0, size - this.#offset.bytes) / mean);
  }
}

const LATER = Symbol('later');

/** What a promise gives, or `LATER` when it has not given it in time. */
async function orLater<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATER> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATER>((resolve) => {
    timer = setTimeout(resolve, ms, LATER);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const SENTENCES: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOENT: ['there is no such file', 'Check the path given with --feed.'],
  EISDIR: ['it is a directory', 'Name one file; several can be piped: cat *.jsonl | … --feed -'],
  EACCES: ['reading it is not permitted', 'Check the permissions of the file and its folders.'],
  EPERM: ['reading it is not permitted', 'Check the permissions of the file and its folders.'],
  Z_BUF_ERROR: ['the gzip data end too early', 'Fetch the file again: it seems to be cut off.'],
  Z_DATA_ERROR: ['the gzip data are damaged', 'Fetch the file again; gzip -t tests it.'],
};

function feedError(where: string, error: unknown): CptError {
  if (error instanceof CptError) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const [what, hint] = SENTENCES[code] ?? [error instanceof Error ? error.message : String(error)];
  return new CptError('CPT_FEED', `${where} cannot be read: ${what}.`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}
