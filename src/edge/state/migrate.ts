/**
 * Moves a state folder forward, one version at a time. A step is one transaction with the version that it leads to in
 * it: a crash leaves the version before, and the next opening goes on from there. There is no way back.
 */
import type { Database, RootDatabase } from 'lmdb';
import type { StateMigrated } from '../../events.ts';
import { checkLineage, type Identity, identityIn, refuseVersion, STATE_VERSION } from './identity.ts';

export interface Step {
  /** The version that it reads; it leaves the next one. */
  readonly from: number;
  /** For a person, what is changed: `passages are kept by tens`. */
  readonly about: string;
  /**
   * Opens the databases that the step reads and writes; a new one is made here. What it gives back is then called
   * inside the transaction, where LMDB opens and drops none: a database that is done with is emptied (`clearSync`).
   * A row keeps its key's order and its bytes unless the step says otherwise. Whatever it throws undoes the step.
   */
  readonly prepare: (root: RootDatabase) => () => void;
}

/**
 * The steps that there are, in order. Versions 1 to 3 have none: what tells a change in the open domain from its noise
 * is in no row of theirs, so a segmenter that went on from one would cut the feed elsewhere than one that read it.
 */
export const STEPS: readonly Step[] = [];

export interface MigrateOptions {
  readonly folder: string;
  readonly lineage: string;
  readonly steps?: readonly Step[];
  /** Called at `before-migration`, `mid-migration` (inside the transaction) and `after-migration` of each step. */
  readonly at: (point: string) => void;
}

/**
 * Takes the steps from the version that is there to this one.
 * @returns what was done, null where nothing had to be
 * @throws CptError CPT_STATE_VERSION where a step is missing or the state is newer, CPT_STATE where it is another
 *   lineage's; nothing is changed then
 */
export function migrate(
  root: RootDatabase,
  meta: Database<unknown, string>,
  { folder, lineage, steps = STEPS, at }: MigrateOptions,
): StateMigrated | null {
  const identity = identityIn(meta);
  if (identity === null) return null;
  const path = pathFrom(identity, steps);
  if (path === null) throw refuseVersion(folder, identity);
  checkLineage(identity, folder, lineage);
  const [first] = path;
  if (first === undefined) return null;
  for (const { from, prepare } of path) {
    const change = prepare(root);
    at('before-migration');
    root.transactionSync(() => {
      change();
      at('mid-migration');
      meta.putSync('identity', { ...identity, version: from + 1 });
    });
    at('after-migration');
  }
  const changes = path.map(({ about }) => about);
  return { event: 'StateMigrated', lineage, from: first.from, to: STATE_VERSION, changes };
}

/** Whether a run moves a state of this version forward. */
export function migrates(version: unknown): boolean {
  return version !== STATE_VERSION && pathFrom({ version }, STEPS) !== null;
}

/** Null where one is missing. */
function pathFrom({ version }: Identity, steps: readonly Step[]): Step[] | null {
  const path: Step[] = [];
  for (let at = version; at !== STATE_VERSION; ) {
    const step = steps.find(({ from }) => from === at);
    if (step === undefined) return null;
    path.push(step);
    at = step.from + 1;
  }
  return path;
}
