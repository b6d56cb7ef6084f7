/** One file of a revision, checked against its hash. */
import { sha256 } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import { readPlain } from './read.ts';
import type { Store } from './store.ts';

/** @throws CptError CPT_VERIFY where it is missing, damaged or has more than `limit` bytes */
export async function readRevisionFile(
  store: Store,
  revision: string,
  path: string,
  limit = Number.POSITIVE_INFINITY,
): Promise<Uint8Array> {
  const { files } = await store.readManifest(revision);
  const entry = files.find((file) => file.path === path);
  if (entry === undefined) throw new CptError('CPT_VERIFY', `Revision ${revision} has no ${path}.`);
  const fault = (what: string, cause?: unknown): CptError =>
    new CptError('CPT_VERIFY', `${path} of revision ${revision} is wrong: ${what}.`, {
      hint: 'Run verify on the lineage.',
      cause,
    });
  const bytes = await readPlain(store.layout.blob(entry.sha256), limit).catch((error: Error) => {
    throw fault(error.message, error);
  });
  if (bytes === null) throw fault('it is missing');
  if (sha256(bytes) !== entry.sha256) throw fault('it does not have the hash that the manifest says');
  return bytes;
}
