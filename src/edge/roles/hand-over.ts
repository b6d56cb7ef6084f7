/**
 * What takes the trainer's place where trainers are elsewhere: a closed domain's passages go to the object store, and a
 * message says that they wait. Done again after a crash it leaves the same objects and the same message once more,
 * which trainers tell by its task number. A store or a broker that is away is waited for.
 */
import { CptError } from '../../errors.ts';
import { type KafkaLogger, kafkaError } from '../kafka/client.ts';
import type { TaskMessage } from '../kafka/task-message.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { putTaskData } from '../objects/task-data.ts';
import { patiently } from '../patience.ts';
import type { TrainerProcess } from '../trainer/process.ts';
import type { TrainerDone, TrainerJob } from '../trainer/protocol.ts';

export interface HandOverOptions {
  readonly lineage: string;
  readonly store: ObjectStore;
  /** Resolves when the brokers have the message. */
  readonly send: (message: TaskMessage) => Promise<void>;
  /** Seconds, from any zero. */
  readonly clock: () => number;
  readonly logger?: KafkaLogger;
}

export function handOver({ lineage, store, send, clock, logger }: HandOverOptions): TrainerProcess {
  const stopped = new AbortController();

  async function once({
    task,
    domain,
    near,
    label = null,
    texts,
    signatures,
  }: TrainerJob): Promise<TrainerDone> {
    const data = await putTaskData(store, { lineage, task }, texts, signatures);
    await send({ lineage, task, domain, near, label, ...data });
    const { bytes } = data.passages;
    return { events: [{ event: 'TaskHandedOver', lineage, task, domain, passages: texts.length, bytes }] };
  }

  return {
    run: (job) =>
      patiently(() => once(job), {
        clock,
        signal: stopped.signal,
        failed(error, seconds) {
          if (stopped.signal.aborted) throw interrupted(job);
          // what time does not mend, such as a domain too large for an object
          if (error instanceof CptError && !error.retryable && error.code !== 'CPT_KAFKA') throw error;
          const { message } = kafkaError(`Task ${job.task} of ${lineage} cannot be handed over`, error);
          logger?.warn({ lineage, task: job.task, seconds }, `${message}; it waits`);
        },
        recovered: (seconds) => logger?.info({ lineage, task: job.task, seconds }, 'tasks are taken again'),
      }),
    measure: () => false,
    drain: () => [],
    failure: null,
    stop: () => stopped.abort(),
    close: async () => stopped.abort(),
  };
}

function interrupted({ task }: TrainerJob): CptError {
  return new CptError('CPT_INTERRUPTED', `Task ${task} was not handed over.`, {
    hint: 'It waits in the state: the same command goes on from there.',
    retryable: true,
  });
}
