/** A run's metrics and health over HTTP. */
import type { CptEvent } from '../../events.ts';
import { createMetrics } from '../prometheus/metrics.ts';
import { openMetricsServer } from '../prometheus/server.ts';

export interface ServedMetrics {
  /** `http://host:port`, or null where nothing is served. */
  readonly url: string | null;
  observe(event: CptEvent): void;
  /** The run stands; `history` is what earlier runs of the lineage did. */
  opened(history: readonly CptEvent[]): void;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly lineage: string;
  readonly version: string;
  readonly port: number | 'off';
  readonly host: string;
}

/** @throws CptError CPT_PORT */
export async function serveMetrics({ lineage, version, port, host }: ServeOptions): Promise<ServedMetrics> {
  const metrics = createMetrics({ version, lineage, processMetrics: true });
  let ready = false;
  const readiness = () => ({
    ready,
    detail: ready ? 'reading' : 'opening the feed, the state and the trainer',
  });
  const server = port === 'off' ? null : await openMetricsServer({ metrics, port, host, ready: readiness });
  return {
    url: server?.url ?? null,
    observe: (event) => metrics.observe(event),
    opened(history) {
      for (const event of history) metrics.observe(event);
      ready = true;
    },
    close: async () => server?.close(),
  };
}
