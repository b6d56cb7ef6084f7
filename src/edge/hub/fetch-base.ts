/** A model from a hub, as a folder: from the cache where it is whole there, else fetched into it. */
import { CptError } from '../../errors.ts';
import type { HubAccess } from './access.ts';
import { type ListedFile, listCommit, resolveRevision } from './api.ts';
import { ModelCache } from './cache.ts';
import { downloadModel, type FetchProgress } from './download.ts';
import { type HubId, hubIdText, isCommit } from './id.ts';
import { BASE, ENCODER, type ModelKind } from './kinds.ts';
import { withLock } from './lock.ts';
import type { Asked } from './refusals.ts';
import { PATIENCE, type Patience } from './request.ts';
import { isUsable, isWhole } from './whole.ts';

export interface FetchedBase {
  /** Snapshot in the cache. */
  readonly folder: string;
  readonly commit: string;
  /** Bytes that had to be fetched. */
  readonly fetched: number;
  /** Why the hub was passed over, or null. */
  readonly note: string | null;
}

export interface FetchOptions {
  /** The commit to take whatever the revision names by now, or null. */
  readonly pinned: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: FetchProgress) => void;
  /** A sentence about what keeps the fetch waiting. */
  readonly onNote: (note: string) => void;
  readonly patience?: Omit<Patience, 'signal'>;
}

/**
 * A commit that is whole in the cache needs no network. A branch or a tag is asked for each time; where the hub is out
 * of reach, what it named last is taken if that is in the cache, and the note says so.
 * @throws CptError CPT_HUB, CPT_BASE, CPT_DISK_FULL, CPT_INTERRUPTED
 */
export function fetchBase(id: HubId, access: HubAccess, options: FetchOptions): Promise<FetchedBase> {
  return fetchModel(BASE, id, access, options);
}

/**
 * The same for a sentence encoder.
 * @throws CptError CPT_HUB, CPT_ENCODER, CPT_DISK_FULL, CPT_INTERRUPTED
 */
export function fetchEncoder(id: HubId, access: HubAccess, options: FetchOptions): Promise<FetchedBase> {
  return fetchModel(ENCODER, id, access, options);
}

async function fetchModel(
  kind: ModelKind,
  id: HubId,
  access: HubAccess,
  options: FetchOptions,
): Promise<FetchedBase> {
  const { pinned, signal, onProgress, onNote } = options;
  const cache = new ModelCache(access.cache, id.repo, kind.name);
  const asked: Asked = { id, access };
  const patience: Patience = { ...PATIENCE, ...options.patience, signal };
  const cached = (commit: string, note: string | null): FetchedBase => {
    return { folder: cache.snapshot(commit), commit, fetched: 0, note };
  };

  const known = pinned ?? (isCommit(id.revision) ? id.revision : null);
  if (known !== null && (await isWhole(cache, known))) return cached(known, null);
  const last = known ?? (await cache.ref(id.revision));
  if (access.offline) {
    if (last !== null && (await isUsable(cache, last))) return cached(last, null);
    throw notCached(id, cache, last);
  }

  let commit: string;
  let listed: ListedFile[] | null;
  try {
    commit = known ?? (await resolveRevision(asked, patience));
    listed = (await isWhole(cache, commit)) ? null : await listCommit(commit, asked, patience);
  } catch (error) {
    const passing = error instanceof CptError && error.code === 'CPT_HUB' && error.retryable;
    if (!passing || last === null || !(await isUsable(cache, last))) throw error;
    return cached(last, `${error.message} The commit of ${hubIdText(id)} in the cache is used.`);
  }
  const waiting = (): void => onNote(`Another process fetches ${id.repo}; waiting for it.`);
  const fetched =
    listed === null
      ? 0
      : await withLock(cache.lock, { signal, onWait: waiting }, () =>
          downloadModel({ kind, cache, commit, listed, asked, patience, onProgress }),
        ).catch((error: unknown) => Promise.reject(ofCache(error, access)));
  // Only now: offline, the revision must not name a commit that is not whole. A cache that cannot be written to serves
  // all the same.
  await cache.setRef(id.revision, commit).catch(() => {});
  return { ...cached(commit, null), fetched };
}

/** A folder that cannot be written is not the state's here. */
function ofCache(error: unknown, { cache }: HubAccess): unknown {
  if (!(error instanceof CptError) || error.code !== 'CPT_STATE') return error;
  return new CptError('CPT_HUB', `The cache ${cache} cannot be written: ${error.message}`, {
    hint: 'Set HF_HUB_CACHE to a folder that can.',
    cause: error,
  });
}

export interface BaseOnHub {
  readonly commit: string;
  /** Snapshot in the cache, or null where it is not there. */
  readonly folder: string | null;
}

/**
 * Looks whether a base is there without fetching it.
 * @throws CptError CPT_HUB, CPT_INTERRUPTED
 */
export async function lookUpBase(id: HubId, access: HubAccess, signal: AbortSignal): Promise<BaseOnHub> {
  const cache = new ModelCache(access.cache, id.repo, BASE.name);
  const fixed = isCommit(id.revision) ? id.revision : null;
  const known = fixed ?? (access.offline ? await cache.ref(id.revision) : null);
  if (known !== null && (await isUsable(cache, known)))
    return { commit: known, folder: cache.snapshot(known) };
  if (access.offline) throw notCached(id, cache, known);
  const commit = await resolveRevision({ id, access }, { ...PATIENCE, signal });
  return { commit, folder: (await isWhole(cache, commit)) ? cache.snapshot(commit) : null };
}

function notCached(id: HubId, cache: ModelCache, commit: string | null): CptError {
  const what = commit === null ? hubIdText(id) : `commit ${commit} of ${id.repo}`;
  return new CptError('CPT_HUB', `Offline, and ${what} is not whole in the cache (${cache.folder}).`, {
    hint: 'Run once without --offline and HF_HUB_OFFLINE, or copy that folder from a machine that has it.',
  });
}
