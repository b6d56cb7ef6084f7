/** Files by their content. */
import { createHash } from 'node:crypto';
import { openPlain } from './store/read.ts';

const CHUNK = 1 << 20;

export interface Measured {
  /** Bytes. */
  readonly size: number;
  /** 64 hex digits. */
  readonly sha256: string;
}

/** Of a file as it is; null where there is none, or it is not a plain one. */
export async function measure(file: string): Promise<Measured | null> {
  const handle = await openPlain(file).catch(() => null);
  if (handle === null) return null;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of handle.createReadStream({ highWaterMark: CHUNK })) {
    hash.update(chunk as Uint8Array);
    size += (chunk as Uint8Array).byteLength;
  }
  return { size, sha256: hash.digest('hex') };
}
