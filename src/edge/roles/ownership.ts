/** Who trains a lineage: one at a time, whatever the others believe. */
import { CptError } from '../../errors.ts';
import { type Head, readHead, type TaggedHead, type TrainedTask, writeHead } from '../objects/head.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { settleRefs } from '../objects/publish.ts';

const TRIES = 20;

/**
 * Makes the lineage ours: its next epoch, unless it is ours already. Refs that an earlier owner left behind are
 * moved to where its head says.
 * @throws CptError CPT_FENCED where others keep taking it too, CPT_STORE
 */
export async function takeOver(store: ObjectStore, lineage: string, owner: string): Promise<TaggedHead> {
  for (let tried = 0; tried < TRIES; tried++) {
    const before = await readHead(store, lineage);
    if (before?.head.owner === owner) return before;
    const head: Head = {
      lineage,
      epoch: (before?.head.epoch ?? 0) + 1,
      owner,
      writes: (before?.head.writes ?? 0) + 1,
      tasks: before?.head.tasks ?? [],
    };
    const taken = await writeHead(store, head, before);
    if (taken === null) continue;
    await settleRefs(store, lineage);
    return taken;
  }
  throw fenced(lineage, 'Others keep taking it');
}

/**
 * Records a trained task: from here on it has happened.
 * @throws CptError CPT_FENCED where the lineage is another's by now
 */
export async function commitTask(
  store: ObjectStore,
  before: TaggedHead,
  task: TrainedTask,
): Promise<TaggedHead> {
  const { head } = before;
  const next = { ...head, writes: head.writes + 1, tasks: [...head.tasks, task] };
  const written = await writeHead(store, next, before);
  if (written === null) throw fenced(head.lineage, `Task ${next.tasks.length} is given up`);
  return written;
}

/** @throws CptError CPT_FENCED where the lineage is another's by now */
export async function stillOurs(store: ObjectStore, { head }: TaggedHead): Promise<void> {
  const now = await readHead(store, head.lineage);
  if (now?.head.owner === head.owner && now.head.epoch === head.epoch) return;
  throw fenced(head.lineage, `Task ${head.tasks.length + 1} is given up`);
}

function fenced(lineage: string, what: string): CptError {
  return new CptError(
    'CPT_FENCED',
    `Another trainer has taken ${lineage} over. ${what}, nothing of it is published.`,
    {
      hint: 'Nothing is lost: the other one trains it.',
      retryable: true,
    },
  );
}
