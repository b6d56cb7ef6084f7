/** Gzip as a sequence of chunks, with nothing lost before a fault. */
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/**
 * Decompresses one or more gzip members. Reads only as far ahead as one buffer. A damaged or truncated file gives
 * all that could be read before the fault, then throws zlib's error: the iterator that Node's streams have would
 * drop what lies in the buffer at that moment, so which passages are read would depend on timing.
 */
export async function* gunzip(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip();
  const source = Readable.from(chunks, { objectMode: false });
  let failure: Error | undefined;
  let ended = false;
  let wake = (): void => {};
  unzip.on('readable', () => wake());
  unzip.on('end', () => {
    ended = true;
    wake();
  });
  unzip.on('error', (error) => {
    failure = error;
    wake();
  });
  source.on('error', (error) => unzip.destroy(error));
  source.pipe(unzip);
  try {
    for (;;) {
      const chunk: Buffer | null = unzip.read();
      if (chunk !== null) yield chunk;
      else if (failure !== undefined) throw failure;
      else if (ended) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    source.destroy();
    unzip.destroy();
  }
}
