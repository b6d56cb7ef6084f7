/** The files of one commit that are needed, into the cache. */
import { readFile, stat, statfs } from 'node:fs/promises';
import { CptError } from '../../errors.ts';
import { makeFolder } from '../files.ts';
import { INDEX } from '../weight-files.ts';
import type { ListedFile } from './api.ts';
import type { ModelCache } from './cache.ts';
import { hasDigest } from './digest.ts';
import type { ModelKind } from './kinds.ts';
import type { Asked } from './refusals.ts';
import type { Patience } from './request.ts';
import { transfer } from './transfer.ts';

export interface FetchProgress {
  readonly file: string;
  /** Of all files of the model, what was here before included. */
  readonly bytes: number;
  readonly total: number;
}

export interface Download {
  readonly kind: ModelKind;
  readonly cache: ModelCache;
  readonly commit: string;
  /** Everything in the commit. */
  readonly listed: readonly ListedFile[];
  readonly asked: Asked;
  readonly patience: Patience;
  readonly onProgress: (progress: FetchProgress) => void;
}

/**
 * Small files first: what they say decides whether the weights are worth fetching.
 * @returns how many bytes had to be fetched
 * @throws CptError CPT_HUB, CPT_BASE, CPT_ENCODER, CPT_DISK_FULL, CPT_INTERRUPTED
 */
export async function downloadModel(job: Download): Promise<number> {
  const { kind, cache, commit, listed, asked, onProgress } = job;
  const texts = kind.texts(listed, asked.id);
  const index = texts.find(({ path }) => path === INDEX);
  let fetched = index === undefined ? 0 : await download(job, index, () => {});
  const indexed = index === undefined ? null : await readFile(cache.blob(index));
  const weights = kind.weights(listed, indexed, asked.id);
  const files = [...texts, ...weights];
  await checkRoom(cache, files);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of files) {
    if (file === weights[0]) await kind.check(cache.snapshot(commit));
    fetched += await download(job, file, (bytes) => {
      onProgress({ file: file.path, bytes: before + bytes, total });
    });
    before += file.size;
  }
  await cache.setListing(commit, files);
  return fetched;
}

async function download(job: Download, file: ListedFile, onBytes: (bytes: number) => void): Promise<number> {
  const { cache, commit, asked, patience } = job;
  const { endpoint } = asked.access;
  const target = cache.blob(file);
  let fetched = 0;
  if (await hasDigest(target, file)) onBytes(file.size);
  else {
    const partial = cache.partial(file);
    fetched = Math.max(0, file.size - ((await sizeOf(partial)) ?? 0));
    const url = `${endpoint}/${asked.id.repo}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
    await transfer({ url, file, partial, target, asked: { ...asked, file: file.path }, patience, onBytes });
  }
  await cache.place(commit, file);
  return fetched;
}

/** @throws CptError CPT_DISK_FULL before anything is fetched that cannot be kept */
async function checkRoom(cache: ModelCache, files: readonly ListedFile[]): Promise<void> {
  await makeFolder(cache.folder);
  let missing = 0;
  for (const file of files) {
    if ((await sizeOf(cache.blob(file))) === file.size) continue;
    missing += Math.max(0, file.size - ((await sizeOf(cache.partial(file))) ?? 0));
  }
  const room = await statfs(cache.folder).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => Number.POSITIVE_INFINITY, // a file system that does not tell
  );
  if (missing <= room) return;
  throw new CptError(
    'CPT_DISK_FULL',
    `${missing} bytes are to be fetched into ${cache.folder}, ${room} are free.`,
    {
      hint: 'Make room, or set HF_HUB_CACHE to a folder on another disk.',
    },
  );
}

async function sizeOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.size ?? null;
}
