/** `cpt run --role train`: closed domains from a topic, checkpoints into the store. */
import { packageVersion } from '../edge/bundled.ts';
import { runTrainRole } from '../edge/roles/train.ts';
import { openPublisher } from '../edge/run/open-publisher.ts';
import { serveMetrics } from '../edge/run/serve-metrics.ts';
import { openBase } from './base.ts';
import type { CommandContext } from './command.ts';
import { openDisplay } from './display.ts';
import { whenAborted } from './grace.ts';
import { openLogger } from './logger.ts';

/** Ends by its signal only. @throws CptError */
export async function runTrain({
  config,
  io,
  env,
  signal,
}: Pick<CommandContext, 'config' | 'io' | 'env' | 'signal'>): Promise<never> {
  const { port, host, kafka, machines, state, task, trainer } = config;
  const version = packageVersion();
  const metrics = await serveMetrics({ version, port, host });
  whenAborted(signal, () => metrics.stopping());
  const closing: (() => Promise<void>)[] = [() => metrics.close()];
  try {
    const display = openDisplay(io, { json: config.json, env, now: () => performance.now() / 1000 });
    closing.push(async () => display.end());
    const { show, print } = display;
    const base = await openBase({ config, env, signal, show, say: print });
    const logger = openLogger(config.logLevel, { write: (line) => io.stderr.write(line) });
    const publisher = await openPublisher(config.events, { kafka, logger });
    closing.push(async () => publisher?.close());
    if (metrics.url !== null && !config.json) print([`metrics at ${metrics.url}/metrics`]);
    return await runTrainRole({
      machines,
      kafka,
      logger,
      state,
      base: base.folder,
      baseName: base.name,
      task,
      trainer,
      version,
      publish: publisher?.publish ?? null,
      emit: (event) => {
        metrics.observe(event);
        show(event);
      },
      onJoined: (partitions) => {
        metrics.opened([]);
        logger.info({ partitions }, 'shares the tasks');
      },
      crashAt: env.CPT_CRASH_AT,
      signal,
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
