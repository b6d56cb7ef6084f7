/** What a state folder belongs to: a run with another lineage or other features must not go on with it. */
import type { Database } from 'lmdb';
import { CptError } from '../../errors.ts';

export const STATE_VERSION = 4;

export interface Owner {
  readonly folder: string;
  readonly lineage: string;
  /** What passages are told apart by; absent where none are read. */
  readonly features: string | undefined;
  /** Whether a segmenter has left its state here, which is of words where nothing else is noted. */
  readonly segmented: boolean;
}

interface Identity {
  readonly version?: unknown;
  readonly lineage?: unknown;
  readonly features?: unknown;
}

/**
 * Writes or checks the identity in `meta`.
 * @throws CptError CPT_STATE_VERSION, CPT_STATE
 */
export function identify(meta: Database<unknown, string>, owner: Owner): void {
  const { folder, lineage, features, segmented } = owner;
  const found = meta.get('identity') as Identity | undefined;
  if (found === undefined) {
    meta.putSync('identity', { version: STATE_VERSION, lineage, features });
    return;
  }
  if (found.version !== STATE_VERSION) {
    throw new CptError(
      'CPT_STATE_VERSION',
      `${folder} was written by state version ${found.version}, this is version ${STATE_VERSION}.`,
      { hint: 'Give this run another --state, or run the version that wrote it.' },
    );
  }
  if (found.lineage !== lineage) {
    throw new CptError('CPT_STATE', `${folder} holds lineage ${found.lineage}, not ${lineage}.`, {
      hint: `Give this run another --state, or --lineage ${found.lineage}.`,
    });
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
