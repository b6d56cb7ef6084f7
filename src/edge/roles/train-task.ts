/** One task of a lineage, from its message to its commit. Whatever interrupts it, the same message again completes it. */
import { CptError } from '../../errors.ts';
import type { CheckpointPublished, CptEvent } from '../../events.ts';
import type { TaskMessage } from '../kafka/task-message.ts';
import { fileContent } from '../objects/checked.ts';
import { publishedEvent, readHead, type TaggedHead } from '../objects/head.ts';
import { lineageKeys } from '../objects/keys.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { copyRevision, settleRefs } from '../objects/publish.ts';
import { getTaskData, removeTaskData } from '../objects/task-data.ts';
import type { TrainerProcess } from '../trainer/process.ts';
import type { TrainerDone, TrainerSetup } from '../trainer/protocol.ts';
import { commitTask, stillOurs, takeOver } from './ownership.ts';
import type { WorkFolder } from './work-folder.ts';

/** Between two looks at whether the lineage is still ours while it is trained. */
const LOOK_EVERY_MS = 10_000;

export interface TaskParts {
  readonly store: ObjectStore;
  /** This process, and no other one ever. */
  readonly owner: string;
  readonly work: WorkFolder;
  readonly setup: Omit<TrainerSetup, 'lineage' | 'folder' | 'out'>;
  readonly start: (setup: TrainerSetup) => TrainerProcess;
  /** Sends one event on; null where nobody listens. */
  readonly publish: ((event: CptEvent, id: string) => Promise<void>) | null;
  readonly emit: (event: CptEvent) => void;
  /** Called at `before-head`, `after-head` and `after-events`, for crash tests. */
  readonly at: (point: string) => void;
}

export class TaskTrainer {
  readonly #parts: TaskParts;
  #trainer: { readonly lineage: string; readonly process: TrainerProcess } | null = null;

  constructor(parts: TaskParts) {
    this.#parts = parts;
  }

  /**
   * Does what the message asks for, unless that is done; tells of it either way.
   * @throws CptError CPT_FENCED, CPT_STORE where tasks before it lack or its data does, or its number is another's,
   *   what a trainer throws, and the signal's reason
   */
  async handle(message: TaskMessage, signal: AbortSignal): Promise<void> {
    const { store, owner, at } = this.#parts;
    const { lineage, task } = message;
    const seen = await readHead(store, lineage);
    const trained = seen?.head.tasks.length ?? 0;
    if (task > trained + 1) {
      throw new CptError(
        'CPT_STORE',
        `Task ${task} of ${lineage} has come, but task ${trained + 1} is not trained.`,
        {
          hint: 'Its message was lost, or the store is another: send it again. Other lineages go on.',
        },
      );
    }
    if (task <= trained) {
      requireSame(seen!, message);
      await settleRefs(store, lineage);
      await this.#tell(seen!, task);
    } else {
      const taken = await takeOver(store, lineage, owner);
      if (taken.head.tasks.length !== trained) return this.handle(message, signal);
      if (taken.tag !== seen?.tag) {
        const { epoch } = taken.head;
        this.#parts.emit({ event: 'LineageTaken', lineage, epoch, tasks: trained });
      }
      const committed = await this.#train(message, taken, signal);
      const { domain, ref, revision } = committed.head.tasks[task - 1]!;
      await settleRefs(store, lineage, ['main', domain, ref]);
      await this.#tell(committed, task);
      await this.#parts.work.prune(lineage, revision);
    }
    at('after-events');
    await removeTaskData(store, message, message);
  }

  async close(): Promise<void> {
    const open = this.#trainer;
    this.#trainer = null;
    await open?.process.close();
  }

  /** Trains, copies what came of it to the store, and commits. */
  async #train(message: TaskMessage, before: TaggedHead, signal: AbortSignal): Promise<TaggedHead> {
    const { store, work, emit, at } = this.#parts;
    const { lineage, task, domain, near, label } = message;
    const { texts, signatures } = await getTaskData(store, message, message);
    if (await work.update(store, before.head)) await this.close();
    const trainer = await this.#trainerOf(lineage);
    for (const event of trainer.drain()) emit(event);
    emit({ event: 'TaskStarted', lineage, task, domain, passages: texts.length, label });
    const job = { task, domain, texts, near, label, signatures };
    const { events } = await this.#watched(before, signal, trainer, () => trainer.run(job, emit));
    const published = events.find(
      (event): event is CheckpointPublished => event.event === 'CheckpointPublished',
    );
    const segment = await fileContent(work.segment(lineage, task));
    if (published === undefined || segment === null) {
      throw new CptError('CPT_TRAIN', `Task ${task} of ${lineage} left no checkpoint.`);
    }
    const { ref, revision, bytes, seconds } = published;
    await copyRevision(store, work.out, lineage, revision);
    await store.putIfAbsent(lineageKeys(lineage).segment(segment.sha256), segment);
    at('before-head');
    const { sha256, bytes: size } = segment;
    const committed = await commitTask(store, before, {
      domain,
      ref,
      revision,
      label,
      bytes,
      seconds,
      segment: { sha256, bytes: size },
      passages: message.passages.sha256,
    });
    at('after-head');
    for (const event of events) emit(event);
    return committed;
  }

  /** Ends the trainer where the lineage is another's by now; lets it save its step where we are to stop. */
  async #watched(
    before: TaggedHead,
    signal: AbortSignal,
    trainer: TrainerProcess,
    train: () => Promise<TrainerDone>,
  ): Promise<TrainerDone> {
    signal.throwIfAborted();
    let fenced: CptError | null = null;
    const look = (): void => {
      stillOurs(this.#parts.store, before).catch((error: unknown) => {
        // a store that cannot be asked now shows at the commit
        if (!(error instanceof CptError) || error.code !== 'CPT_FENCED') return;
        fenced ??= error;
        void this.close();
      });
    };
    const timer = setInterval(look, LOOK_EVERY_MS);
    const stop = (): void => trainer.stop();
    signal.addEventListener('abort', stop);
    try {
      return await train();
    } catch (error) {
      signal.throwIfAborted();
      throw fenced ?? error;
    } finally {
      clearInterval(timer);
      signal.removeEventListener('abort', stop);
    }
  }

  async #tell(head: TaggedHead, task: number): Promise<void> {
    const { event, id } = publishedEvent(head.head, task);
    await this.#parts.publish?.(event, id);
  }

  async #trainerOf(lineage: string): Promise<TrainerProcess> {
    if (this.#trainer?.lineage === lineage && this.#trainer.process.failure === null)
      return this.#trainer.process;
    await this.close();
    const { setup, work, start } = this.#parts;
    const process = start({ ...setup, lineage, folder: work.state(lineage), out: work.out });
    this.#trainer = { lineage, process };
    return process;
  }
}

/** A message that comes again is of the same passages; of others it would be lost in silence. */
function requireSame({ head }: TaggedHead, { lineage, task, domain, passages }: TaskMessage): void {
  const done = head.tasks[task - 1]!;
  if (done.domain === domain && (done.passages ?? passages.sha256) === passages.sha256) return;
  throw new CptError(
    'CPT_STORE',
    `Task ${task} of ${lineage} was trained on other passages than have come.`,
    {
      hint: 'Is there another segmenter of this lineage, or a state begun anew? Give it a --lineage or --store of its own.',
    },
  );
}
