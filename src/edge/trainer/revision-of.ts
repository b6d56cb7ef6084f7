/** The newest version of a lineage as a revision to publish: a function of what is stored and of the task's job. */
import { buildRevision, type Revision } from '../../checkpoint/index.ts';
import type { TaskTrained } from '../../events.ts';
import { type Lineage, lineageOccupancy, prunedVersion } from '../../train/lineage.ts';
import type { LoadedBase } from '../base.ts';
import { textsOfJob } from './job-key.ts';
import type { TrainerSetup } from './protocol.ts';

/** What a segment says, beside the version, of the task that wrote it. */
export interface Note {
  /** What was trained: the domain's name and the SHA-256 of its text. */
  readonly job: string;
  /** SHA-256 of the base's weights. */
  readonly base: string;
  /** The revision of the task before; null for the first. */
  readonly parent: string | null;
  /** What it was published as. */
  readonly revision: string;
  readonly trained: TaskTrained;
  /** Blocks in one pass, where a step took more than one: another size rounds otherwise. */
  readonly microBatch?: number;
  readonly label?: string;
}

/** What of it stands once the version was retired: where in the chain of revisions it was, on which base. */
export type RetiredNote = Pick<Note, 'base' | 'parent' | 'revision'>;

export function stillNeeded({ base, parent, revision }: Note): RetiredNote {
  return { base, parent, revision };
}

export function revisionOf(
  lineage: Lineage,
  note: Omit<Note, 'revision'>,
  signatures: unknown,
  base: LoadedBase,
  setup: TrainerSetup,
): Revision {
  const newest = lineage.versions.at(-1)!;
  const { task, domain, version, baseLoss, publishedLoss } = newest;
  const { free, claimed } = lineageOccupancy(lineage);
  const { passages, tokens, provider } = note.trained;
  const { precision } = setup.options;
  return buildRevision({
    lineage: setup.lineage,
    domain,
    version,
    task,
    parents: note.parent === null ? [] : [note.parent],
    config: base.config,
    plugin: lineage.plugin,
    base: base.weights,
    pruned: prunedVersion(lineage, newest),
    neurons: free + claimed,
    tokenizer: base.tokenizerFiles,
    licence: base.licence,
    losses: { base: baseLoss, own: publishedLoss },
    passages,
    tokens,
    signatures,
    ...(note.label === undefined ? {} : { label: note.label }),
    provenance: {
      version: setup.version,
      seed: setup.options.seed,
      provider,
      precision,
      texts: textsOfJob(note.job),
      ...(note.microBatch === undefined ? {} : { microBatch: note.microBatch }),
    },
  });
}
