/**
 * Retires a domain: its checkpoints are withdrawn, what only it had learnt is erased from the state, the segmenter
 * forgets it, and the event goes out. What is to be done is noted in the state first and struck out last, so that a
 * crash anywhere leaves something that the same command completes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { Segmenter } from '../../domains/index.ts';
import { CptError } from '../../errors.ts';
import type { CheckpointWithdrawn, StateMigrated } from '../../events.ts';
import { newestVersions } from '../../train/lineage.ts';
import { leaving } from '../../train/retire.ts';
import { type At, sweepDrafts } from '../files.ts';
import { sizeBelow } from '../size.ts';
import { type Retirement, refuseInterrupted } from '../state/retirement.ts';
import { State } from '../state/state.ts';
import { refuseWaiting } from '../state/waiting.ts';
import { openStore, type Store } from '../store/store.ts';
import { LineageFolder } from '../trainer/lineage-folder.ts';
import type { Note } from '../trainer/revision-of.ts';
import { forgetStepState } from '../trainer/step-state.ts';
import { eraseDomain } from './erase.ts';

/** Names that an error lists. */
const SHOWN = 20;

export interface RetireOptions {
  readonly lineage: string;
  readonly domain: string;
  /** Folder of states; this lineage's lies in it. */
  readonly state: string;
  /** Where lineages are published. */
  readonly out: string;
  /** Stands behind a sentence that says that a name is not among others: ` Did you mean X?`, or nothing. */
  readonly didYouMean?: (given: string, names: readonly string[]) => string;
  /** Told where the state was of an earlier version. */
  readonly onMigrated?: (event: StateMigrated) => void;
  /** Called at named points, so that a test can crash there. */
  readonly at?: At;
}

export interface OpenedRetirement {
  /** What will happen, as it will be told. */
  readonly planned: Retirement['event'];
  /** Whether an earlier call was interrupted. */
  readonly begun: boolean;
  /** @throws CptError CPT_STATE, CPT_DISK_FULL, CPT_VERIFY; the same call again completes it */
  carryOut(): Promise<CheckpointWithdrawn>;
  close(): Promise<void>;
}

/**
 * Looks what retiring the domain would do; nothing is changed yet.
 * @throws CptError CPT_CONFIG where there is no such lineage or domain, or its checkpoints are elsewhere;
 *   CPT_STATE_LOCKED where a run goes on; CPT_STATE where closed domains wait for their tasks, or another retirement was
 *   interrupted
 */
export async function openRetirement(options: RetireOptions): Promise<OpenedRetirement> {
  const { lineage, domain, state: states, out, onMigrated = () => {}, at = () => {} } = options;
  checkLineage(options);
  const folder = path.join(states, lineage);
  const segments = path.join(folder, 'lineage');
  const state = State.open(folder, { lineage, retires: true, onMigrated, at });
  try {
    refuseWaiting(state, lineage);
    const store = openStore(out, lineage, { at });
    const size = () => sizeBelow(segments) + sizeBelow(store.layout.root);
    const begun = state.retirement;
    if (begun !== null && begun.event.domain !== domain) refuseInterrupted(begun);
    const event = begun?.event ?? plan(new LineageFolder(segments), options, state.counts.trained);
    if (begun === null) await checkPublished(store, event, out);

    const carryOut = async (): Promise<CheckpointWithdrawn> => {
      const retirement = begun ?? { event, bytes: size() };
      if (begun === null) state.beginRetirement(retirement);
      const main = await store.withdraw(event.revisions.map((one) => ({ ...one, domain })));
      forgetStepState(segments);
      await sweepDrafts(segments); // they hold numbers too
      await eraseDomain(new LineageFolder(segments, at), domain);
      const withdrawn = { ...event, main, bytes: Math.max(0, retirement.bytes - size()) };
      const { segmenter } = state.progress;
      const events = { history: [withdrawn], outgoing: [withdrawn] };
      state.endRetirement(domain, segmenter === null ? null : forgetting(segmenter, domain), events);
      return withdrawn;
    };
    return { planned: event, begun: begun !== null, carryOut, close: () => state.close() };
  } catch (error) {
    await state.close();
    throw error;
  }
}

function forgetting(
  snapshot: NonNullable<State['progress']['segmenter']>,
  domain: string,
): State['progress']['segmenter'] {
  const segmenter = Segmenter.restore(snapshot);
  segmenter.forget(domain);
  return segmenter.snapshot();
}

/** A state would be made for a lineage that is not there. */
function checkLineage({ state: states, lineage, didYouMean = () => '' }: RetireOptions): void {
  const known = fs.existsSync(states) ? fs.readdirSync(states) : [];
  if (known.includes(lineage)) return;
  const meant = didYouMean(lineage, known);
  throw new CptError('CPT_CONFIG', `There is no lineage ${lineage} in ${states}.${meant}`, {
    hint: 'Give --lineage and --state as for cpt run.',
  });
}

function plan(
  folder: LineageFolder,
  { lineage, domain, didYouMean = () => '' }: RetireOptions,
  trained: number,
): Retirement['event'] {
  const tasks = folder.tasks();
  if ((tasks.at(-1) ?? 0) > trained) {
    throw new CptError('CPT_STATE', `Task ${tasks.at(-1)} of ${lineage} was interrupted.`, {
      hint: 'Run the cpt train that it belongs to again first.',
    });
  }
  const first = folder.segment(1);
  const whole = first === null ? null : folder.read(trained, first.head.plugin);
  const known = whole === null ? [] : newestVersions(whole).map((version) => version.domain);
  if (whole === null || !known.includes(domain)) {
    const before = whole?.retired.some((version) => version.domain === domain);
    const meant = before ? ' It was retired before.' : didYouMean(domain, known);
    throw new CptError('CPT_CONFIG', `${lineage} has no domain ${JSON.stringify(domain)}.${meant}`, {
      hint: known.length === 0 ? 'It has no domain at all.' : `It has ${listed(known)}.`,
    });
  }
  const { versions, ...neurons } = leaving(whole, domain);
  const revisions = versions.map(({ task, version }) => ({
    ref: `${domain}.${version}`,
    task,
    revision: (folder.segment(task)!.head.note as Note).revision,
  }));
  return { event: 'CheckpointWithdrawn', lineage, domain, revisions, ...neurons };
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).join(', ')}${more}`;
}

/** Where nothing of it is published under `out`, the checkpoints are somewhere else and would stay there. */
async function checkPublished(store: Store, { domain, revisions }: Retirement['event'], out: string) {
  const found = await Promise.all(revisions.map(({ revision }) => store.resolve(revision)));
  if (found.some((revision) => revision !== null)) return;
  throw new CptError(
    'CPT_CONFIG',
    `${path.basename(store.layout.root)} has no checkpoint of ${domain} in ${out}.`,
    {
      hint: 'Give --out the folder that it was published in.',
    },
  );
}
