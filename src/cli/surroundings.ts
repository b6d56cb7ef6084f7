/** What every role of `cpt run` has around it: metrics, a display and a log, closed whatever happens. */
import { packageVersion } from '../edge/bundled.ts';
import { type ServedMetrics, serveMetrics } from '../edge/run/serve-metrics.ts';
import type { CptEvent } from '../events.ts';
import type { CommandContext } from './command.ts';
import { type Display, openDisplay } from './display.ts';
import { whenAborted } from './grace.ts';
import { openLogger } from './logger.ts';

export interface Surroundings {
  readonly metrics: ServedMetrics;
  readonly display: Display;
  readonly logger: ReturnType<typeof openLogger>;
  /** To metrics and display. */
  readonly emit: (event: CptEvent) => void;
  /** Says where the metrics are. */
  announce(): void;
  /** Closed before these, the newest first. */
  readonly closing: (() => Promise<unknown>)[];
}

/** @param lineage where this process has but one. @throws CptError CPT_PORT, and what `work` throws */
export async function surrounded<T>(
  { config, io, env, signal }: Pick<CommandContext, 'config' | 'io' | 'env' | 'signal'>,
  lineage: string | undefined,
  work: (surroundings: Surroundings) => Promise<T>,
): Promise<T> {
  const { port, host, json } = config;
  const version = packageVersion();
  const metrics = await serveMetrics({ version, port, host, ...(lineage === undefined ? {} : { lineage }) });
  const closing: (() => Promise<unknown>)[] = [() => metrics.close()];
  try {
    whenAborted(signal, () => metrics.stopping());
    const display = openDisplay(io, { json, env, now: () => performance.now() / 1000 });
    closing.push(async () => display.end());
    const logger = openLogger(config.logLevel, { write: (line) => io.stderr.write(line) });
    return await work({
      metrics,
      display,
      logger,
      closing,
      emit(event) {
        metrics.observe(event);
        display.show(event);
      },
      announce() {
        if (metrics.url !== null && !json) display.print([`metrics at ${metrics.url}/metrics`]);
      },
    });
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
