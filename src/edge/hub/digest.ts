/** Whether a file has the content that its name in the cache promises. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { ListedFile } from './api.ts';

/** Large files are named by their SHA-256, small ones as git names a blob: SHA-1 of `blob <size>\0` and the content. */
export async function hasDigest(
  path: string,
  { size, blob }: Pick<ListedFile, 'size' | 'blob'>,
): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile() || found.size !== size) return false;
  const git = blob.length === 40;
  const hash = createHash(git ? 'sha1' : 'sha256');
  if (git) hash.update(`blob ${size}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex') === blob;
}
