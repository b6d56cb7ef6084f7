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
  const stop = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stop.catch(() => {}); // it may come when nobody waits any more
  signal.throwIfAborted();
  const feed = await Promise.race([open(null), stop]);
  return { read: () => Promise.race([feed.read(), stop]), close: () => feed.close() };
}
