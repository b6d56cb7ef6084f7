/** A published lineage by the folder that a person names. */
import path from 'node:path';
import { CptError } from '../../errors.ts';
import { namesIn } from './read.ts';
import { openStore, type Store } from './store.ts';

/** @param dir `OUT/<lineage>` */
export function storeAt(dir: string): Store {
  const absolute = path.resolve(dir);
  return openStore(path.dirname(absolute), path.basename(absolute));
}

export interface PublishedLineage {
  readonly store: Store;
  /** Where each ref points, by name. */
  readonly refs: Readonly<Record<string, string>>;
  /** The revision that `main` points to. */
  readonly main: string;
}

/** @throws CptError CPT_VERIFY where nothing is published in `dir` */
export async function openLineage(dir: string): Promise<PublishedLineage> {
  const store = storeAt(dir);
  const refs = await store.refs();
  if (refs.main === undefined) {
    if ((await namesIn(store.layout.withdrawn)).length > 0) {
      throw new CptError('CPT_VERIFY', `All checkpoints of ${dir} were withdrawn.`, {
        hint: 'Train another domain.',
      });
    }
    throw new CptError('CPT_VERIFY', `${dir} is not a published lineage: it has no refs/main.`, {
      hint: 'Give the folder OUT/LINEAGE.',
    });
  }
  return { store, refs, main: refs.main };
}
