/** `cpt run --role train`: closed domains from a topic, checkpoints into the store. */
import { packageVersion } from '../edge/bundled.ts';
import { runTrainRole } from '../edge/roles/train.ts';
import { openPublisher } from '../edge/run/open-publisher.ts';
import { openBase } from './base.ts';
import type { CommandContext } from './command.ts';
import { surrounded } from './surroundings.ts';

/** Ends by its signal only, whose reason it throws. @throws CptError */
export function runTrain(context: Pick<CommandContext, 'config' | 'io' | 'env' | 'signal'>): Promise<never> {
  const { config, env, signal } = context;
  const { kafka, machines, state, task, trainer } = config;
  return surrounded(context, undefined, async ({ metrics, display, logger, emit, announce, closing }) => {
    const { show, print } = display;
    const base = await openBase({ config, env, signal, show, say: print });
    const publisher = await openPublisher(config.events, { kafka, logger });
    closing.push(async () => publisher?.close());
    announce();
    return runTrainRole({
      machines,
      kafka,
      logger,
      state,
      base: base.folder,
      baseName: base.name,
      task,
      trainer,
      version: packageVersion(),
      publish: publisher?.publish ?? null,
      emit,
      onJoined: (partitions) => {
        metrics.opened([]);
        logger.info({ partitions }, 'shares the tasks');
      },
      crashAt: env.CPT_CRASH_AT,
      signal,
    });
  });
}
