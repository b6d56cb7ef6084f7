/** A trainer of this process whose checkpoints also go to a store, before anybody is told of them. */
import { CptError } from '../../errors.ts';
import { readHead } from '../objects/head.ts';
import { lineageKeys } from '../objects/keys.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { copyRevision, point } from '../objects/publish.ts';
import { startTrainer, type TrainerProcess } from '../trainer/process.ts';
import type { TrainerSetup } from '../trainer/protocol.ts';

/**
 * For a lineage that this process alone trains.
 * @throws CptError CPT_STORE where trainers of several machines have it in this store
 */
export async function mirrorTo(
  store: ObjectStore,
  lineage: string,
): Promise<(setup: TrainerSetup) => TrainerProcess> {
  if ((await readHead(store, lineage)) !== null) {
    throw new CptError('CPT_STORE', `${lineage} is trained by the role train in ${store.name}.`, {
      hint: 'Give this run another --lineage or another --store.',
    });
  }
  const keys = lineageKeys(lineage);
  return (setup) => {
    const trainer = startTrainer(setup);
    const run: TrainerProcess['run'] = async (job, onEvent) => {
      const done = await trainer.run(job, onEvent);
      for (const event of done.events) {
        if (event.event !== 'CheckpointPublished') continue;
        const { revision, domain, ref } = event;
        await copyRevision(store, setup.out, lineage, revision);
        for (const name of [ref, domain, 'main']) await point(store, keys, name, revision);
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
      stop: () => trainer.stop(),
      close: () => trainer.close(),
    };
  };
}
