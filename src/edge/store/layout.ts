/** Where things stand in the folder of a published lineage. Names are checked before they become paths. */
import { join } from 'node:path';
import { isHex, isRefName } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';

export interface Layout {
  readonly root: string;
  readonly blobs: string;
  readonly revisions: string;
  readonly refs: string;
  /** What is known of revisions that were withdrawn, one file each. */
  readonly withdrawn: string;
  /** Files on their way in; whatever is found here was left by a crash. */
  readonly temporary: string;
  blob(sha256: string): string;
  manifest(revision: string): string;
  ref(name: string): string;
  withdrawal(revision: string): string;
}

/** @param root `OUT/<lineage>` */
export function layoutOf(root: string): Layout {
  const blobs = join(root, 'blobs', 'sha256');
  const revisions = join(root, 'revisions');
  const refs = join(root, 'refs');
  const withdrawn = join(root, 'withdrawn');
  return {
    root,
    blobs,
    revisions,
    refs,
    withdrawn,
    temporary: join(root, 'tmp'),
    blob: (sha256) => join(blobs, checked(sha256, isHex(sha256, 64))),
    manifest: (revision) => join(revisions, `${checked(revision, isHex(revision, 40))}.json`),
    ref: (name) => join(refs, checked(name, isRefName(name))),
    withdrawal: (revision) => join(withdrawn, `${checked(revision, isHex(revision, 40))}.json`),
  };
}

function checked(name: string, ok: boolean): string {
  if (ok) return name;
  const shown = JSON.stringify(name.slice(0, 100));
  throw new CptError('CPT_VERIFY', `${shown} is not the name of a blob, revision or ref.`);
}
