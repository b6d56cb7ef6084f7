/** Whether a base is in the cache, every byte of it. */
import { join } from 'node:path';
import type { ListedFile } from './api.ts';
import type { ModelCache } from './cache.ts';
import { hasDigest } from './digest.ts';

/** All files of the base are there as they were listed when it was fetched. */
export async function isWhole(cache: ModelCache, commit: string): Promise<boolean> {
  return areSound(cache, commit, await cache.listing(commit));
}

/**
 * The same, or a snapshot that another client made and that makes a base. Such a one does not say what else it should
 * have (a licence, say), so it serves only where the hub cannot be asked.
 */
export async function isUsable(cache: ModelCache, commit: string): Promise<boolean> {
  return (await isWhole(cache, commit)) || areSound(cache, commit, await cache.foreign(commit));
}

async function areSound(
  cache: ModelCache,
  commit: string,
  files: readonly ListedFile[] | null,
): Promise<boolean> {
  for (const file of files ?? []) {
    if (!(await hasDigest(join(cache.snapshot(commit), file.path), file))) return false;
  }
  return files !== null;
}
