/** The newest version of a lineage as a revision to publish: a function of what is stored, and of nothing else. */
import { buildRevision, type Revision } from '../../checkpoint/index.ts';
import type { TaskTrained } from '../../events.ts';
import type { Lineage } from '../../train/lineage.ts';
import type { LoadedBase } from '../base.ts';
import type { TrainerSetup } from './protocol.ts';

/** What a lineage file says, beside the lineage, of the task that wrote it. */
export interface Note {
  /** What was trained: the domain's name and the SHA-256 of its text. */
  readonly job: string;
  /** SHA-256 of the base's weights. */
  readonly base: string;
  /** Revisions published so far, in order of their tasks. */
  readonly revisions: readonly string[];
  readonly trained: TaskTrained;
  /** Blocks in one pass, where a step took more than one: another size rounds otherwise. */
  readonly microBatch?: number;
  readonly signatures: unknown;
}

export function revisionOf(
  { plugin, weights, versions }: Lineage,
  note: Note,
  base: LoadedBase,
  setup: TrainerSetup,
): Revision {
  const { task, domain, version, masks, baseLoss, publishedLoss } = versions.at(-1)!;
  const { passages, tokens, provider } = note.trained;
  const { precision } = setup.options;
  return buildRevision({
    lineage: setup.lineage,
    domain,
    version,
    task,
    parents: note.revisions.slice(task - 2, task - 1),
    config: base.config,
    plugin,
    base: base.weights,
    plugins: weights,
    masks,
    tokenizer: base.tokenizerFiles,
    licence: base.licence,
    losses: { base: baseLoss, own: publishedLoss },
    passages,
    tokens,
    signatures: note.signatures,
    provenance: {
      version: setup.version,
      seed: setup.options.seed,
      provider,
      precision,
      ...(note.microBatch === undefined ? {} : { microBatch: note.microBatch }),
    },
  });
}
