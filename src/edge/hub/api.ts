/** What a hub knows of a model: the commit behind a revision, the files of a commit. Asked through @huggingface/hub. */
import { listFiles, modelInfo } from '@huggingface/hub';
import { CptError } from '../../errors.ts';
import { isCommit } from './id.ts';
import type { Asked } from './refusals.ts';
import { ask, type Patience, patiently, told } from './request.ts';

/** A file as a hub lists it. */
export interface ListedFile {
  readonly path: string;
  readonly size: number;
  /** Name of its content: SHA-256 of a large file, else the id of its git blob (SHA-1). */
  readonly blob: string;
}

/** More than any model has; a list without an end must not be followed. */
const MOST_FILES = 20_000;
const MOST_PAGES = 100;

/** @throws CptError CPT_HUB, CPT_INTERRUPTED */
export async function resolveRevision(asked: Asked, patience: Patience): Promise<string> {
  const { id, access } = asked;
  const { sha } = await answered(asked, patience, (fetch) =>
    modelInfo({
      name: id.repo,
      revision: id.revision,
      additionalFields: ['sha'],
      hubUrl: access.endpoint,
      fetch,
    }),
  );
  if (typeof sha === 'string' && isCommit(sha)) return sha;
  throw strange(asked, 'no commit');
}

/**
 * The files of a commit, with names and sizes checked as far as everybody needs it.
 * @throws CptError CPT_HUB, CPT_INTERRUPTED
 */
export function listCommit(commit: string, asked: Asked, patience: Patience): Promise<ListedFile[]> {
  const { id, access } = asked;
  return answered(asked, patience, async (fetch) => {
    const files: ListedFile[] = [];
    let seen = 0;
    for await (const entry of listFiles({
      repo: id.repo,
      revision: commit,
      recursive: true,
      hubUrl: access.endpoint,
      fetch,
    })) {
      if (++seen > MOST_FILES) throw strange(asked, 'more files than a model has');
      const { type, path, size, oid, lfs } = entry;
      const blob = lfs?.oid ?? oid;
      if (type !== 'file') continue;
      const sound = typeof path === 'string' && Number.isSafeInteger(size) && size >= 0;
      if (sound && typeof blob === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(blob)) {
        files.push({ path, size: lfs?.size === undefined ? size : lfs.size, blob });
      } else throw strange(asked, 'a list of files without sizes and hashes');
    }
    return files;
  });
}

/**
 * Calls the library with a fetch that follows our rules for tokens, waiting and refusals. It is given no token itself:
 * it takes only those that begin with `hf_`, and sends them wherever a list of files says it goes on.
 */
function answered<T>(
  asked: Asked,
  patience: Patience,
  call: (fetch: typeof globalThis.fetch) => Promise<T>,
): Promise<T> {
  return patiently(async () => {
    const open: (() => void)[] = [];
    try {
      return await call(async (url, init) => {
        if (open.length >= MOST_PAGES) throw strange(asked, 'a list of files without an end');
        const { response, done } = await ask(String(url), init ?? {}, asked, patience);
        open.push(done);
        return response;
      });
    } catch (error) {
      if (error instanceof SyntaxError) throw strange(asked, 'something that is not JSON');
      throw told(error, asked, patience.signal);
    } finally {
      for (const done of open) done();
    }
  }, patience);
}

function strange({ access }: Asked, what: string): CptError {
  return new CptError('CPT_HUB', `${access.endpoint} answered with ${what}.`, {
    hint: 'Check that HF_ENDPOINT is a hub and that no proxy changes what it says.',
  });
}
