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
  /** From now on it is not ready: the run is being stopped. */
  stopping(): void;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Its counters are there from the start. */
  readonly lineage?: string;
  readonly version: string;
  readonly port: number | 'off';
  readonly host: string;
}

const DETAILS = {
  opening: 'opening the feed, the state and the trainer',
  reading: 'reading',
  stopping: 'stopping',
} as const;

/** @throws CptError CPT_PORT */
export async function serveMetrics({ port, host, ...about }: ServeOptions): Promise<ServedMetrics> {
  const metrics = createMetrics({ ...about, processMetrics: true });
  let phase: keyof typeof DETAILS = 'opening';
  const readiness = () => ({ ready: phase === 'reading', detail: DETAILS[phase] });
  const server = port === 'off' ? null : await openMetricsServer({ metrics, port, host, ready: readiness });
  return {
    url: server?.url ?? null,
    observe: (event) => metrics.observe(event),
    opened(history) {
      for (const event of history) metrics.observe(event);
      if (phase === 'opening') phase = 'reading';
    },
    stopping() {
      phase = 'stopping';
    },
    close: async () => server?.close(),
  };
}
