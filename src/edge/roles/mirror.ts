/** A trainer of this process whose checkpoints also go to a store, before anybody is told of them. */
import { CptError } from '../../errors.ts';
import type { CheckpointPublished } from '../../events.ts';
import type { KafkaLogger } from '../kafka/client.ts';
import { readHead } from '../objects/head.ts';
import { lineageKeys } from '../objects/keys.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { copyRevision, point } from '../objects/publish.ts';
import { patiently } from '../patience.ts';
import { startTrainer, type TrainerProcess } from '../trainer/process.ts';
import type { TrainerJob, TrainerSetup } from '../trainer/protocol.ts';

export interface MirrorOptions {
  readonly store: ObjectStore;
  readonly lineage: string;
  /** Seconds, from any zero. */
  readonly clock: () => number;
  readonly logger?: KafkaLogger;
  /** Default: a trainer process. */
  readonly start?: (setup: TrainerSetup) => TrainerProcess;
}

/**
 * For a lineage that this process alone trains. A store that is away is waited for, until the run is stopped; a copy
 * that was not complete is made again with its task.
 * @throws CptError CPT_STORE where trainers of several machines have it in this store
 */
export async function mirrorTo({
  store,
  lineage,
  clock,
  logger,
  start = startTrainer,
}: MirrorOptions): Promise<(setup: TrainerSetup) => TrainerProcess> {
  if ((await readHead(store, lineage)) !== null) {
    throw new CptError('CPT_STORE', `${lineage} is trained by the role train in ${store.name}.`, {
      hint: 'Give this run another --lineage or another --store.',
    });
  }
  const keys = lineageKeys(lineage);
  return (setup) => {
    const trainer = start(setup);
    const stopped = new AbortController();
    const copy = async ({ revision, domain, ref }: CheckpointPublished): Promise<void> => {
      await copyRevision(store, setup.out, lineage, revision);
      for (const name of [ref, domain, 'main']) await point(store, keys, name, revision);
    };
    const run: TrainerProcess['run'] = async (job, onEvent) => {
      const done = await trainer.run(job, onEvent);
      for (const event of done.events) {
        if (event.event !== 'CheckpointPublished') continue;
        await patiently(() => copy(event), {
          clock,
          signal: stopped.signal,
          failed(error, seconds) {
            if (!(error instanceof CptError) || !error.retryable) throw error;
            if (stopped.signal.aborted) throw interrupted(job, error);
            logger?.warn({ lineage, task: job.task, seconds }, `${error.message} The copy waits.`);
          },
          recovered: (seconds) => logger?.info({ lineage, seconds }, 'the store takes copies again'),
        });
      }
      return done;
    };
    return {
      run,
      measure: (make) => trainer.measure(make),
      drain: () => trainer.drain(),
      get failure() {
        return trainer.failure;
      },
      stop() {
        stopped.abort();
        trainer.stop();
      },
      close() {
        stopped.abort();
        return trainer.close();
      },
    };
  };
}

function interrupted({ task }: TrainerJob, cause: CptError): CptError {
  return new CptError('CPT_INTERRUPTED', `Task ${task} is published, but not copied.`, {
    hint: 'The same command makes the copy.',
    retryable: true,
    cause,
  });
}
