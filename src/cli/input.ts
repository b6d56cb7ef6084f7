/** The feed behind a command's `--input`, `--data` and the like: a file or standard input, up to its end. */
import type { Readable } from 'node:stream';
import type { Feed } from '../edge/feed/feed.ts';

export interface InputOptions {
  readonly maxBytes: number;
  readonly stdin?: Readable;
  /** Ends a read that waits, with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** @throws CptError CPT_FEED, from reading too */
export async function openInput(input: string, { maxBytes, stdin, signal }: InputOptions): Promise<Feed> {
  const { openFileFeed } = await import('../edge/feed/file.ts');
  const open = openFileFeed(input, { maxBytes, ...(stdin && { stdin }) });
  if (signal === undefined) return open(null);
  const feed = await unlessAborted(() => open(null), signal);
  return { read: () => unlessAborted(() => feed.read(), signal), close: () => feed.close() };
}

/** Listens only while it waits: racing with one promise for all reads would keep what each of them gave. */
function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    work()
      .finally(() => signal.removeEventListener('abort', stop))
      .then(resolve, reject);
  });
}
