/** What a state folder belongs to: a run with another lineage or other features must not go on with it. */
import type { Database } from 'lmdb';
import { CptError } from '../../errors.ts';

/** Of the layout of the rows; `migrate.ts` has the ways from one to the next. */
export const STATE_VERSION = 4;

export interface Owner {
  readonly lineage: string;
  /** What passages are told apart by; absent where none are read. */
  readonly features: string | undefined;
  /** Whether a segmenter has left its state here, which is of words where nothing else is noted. */
  readonly segmented: boolean;
}

/** The row `identity` of `meta`, the same in every version. */
export interface Identity {
  readonly version?: unknown;
  readonly lineage?: unknown;
  readonly features?: unknown;
}

/** Null in a new state. */
export function identityIn(meta: Pick<Database<unknown, string>, 'get'>): Identity | null {
  return (meta.get('identity') as Identity | undefined) ?? null;
}

/** A version that this program neither reads nor migrates. */
export function refuseVersion(folder: string, { version }: Identity): CptError {
  const newer = typeof version === 'number' && version > STATE_VERSION;
  return new CptError(
    'CPT_STATE_VERSION',
    `${folder} was written by state version ${version}, this is version ${STATE_VERSION}.`,
    {
      hint: newer
        ? 'Run the version of cpt-stream that wrote it, or a later one, or give this run another --state.'
        : 'There is no way from the one to the other: give this run another --state, or run the version that wrote it.',
    },
  );
}

/** @throws CptError CPT_STATE where it is another's */
export function checkLineage({ lineage: found }: Identity, folder: string, lineage: string): void {
  if (found === lineage) return;
  throw new CptError('CPT_STATE', `${folder} holds lineage ${found}, not ${lineage}.`, {
    hint: `Give this run another --state, or --lineage ${found}.`,
  });
}

/**
 * Writes or checks the identity in `meta`, which is of this version and this lineage where there is one.
 * @throws CptError CPT_STATE
 */
export function identify(meta: Database<unknown, string>, folder: string, owner: Owner): void {
  const { lineage, features, segmented } = owner;
  const found = identityIn(meta);
  if (found === null) {
    meta.putSync('identity', { version: STATE_VERSION, lineage, features });
    return;
  }
  if (features === undefined) return;
  const begunWith = found.features ?? (segmented ? 'lexical' : features);
  if (begunWith !== features) {
    throw new CptError('CPT_STATE', `${folder} was begun with features ${begunWith}, not ${features}.`, {
      hint: 'Run it with the --features and --encoder that it was begun with, or give this run another --state.',
    });
  }
  if (found.features === undefined) meta.putSync('identity', { ...found, features });
}
