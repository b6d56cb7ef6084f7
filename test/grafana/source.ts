/** Something that serves metrics while a story unfolds, for a Prometheus to scrape. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createMetrics } from '../../src/edge/prometheus/metrics.ts';
import { openMetricsServer } from '../../src/edge/prometheus/server.ts';
import { story } from '../edge/prometheus/story.ts';

export interface MetricsSource {
  /** `host:port` of `/metrics`. */
  readonly target: string;
  /** Lets everything happen that the source has to tell; its metrics stay up. */
  play(): Promise<void>;
  close(): Promise<void>;
}

/** The events of a run, spread over about `seconds`. */
export async function replayedRun(lineage: string, seconds: number): Promise<MetricsSource> {
  const metrics = createMetrics({ version: '0.0.0', lineage, processMetrics: true });
  const ready = () => ({ ready: true, detail: 'replaying' });
  const server = await openMetricsServer({ metrics, port: 0, ready });
  return {
    target: server.url.replace('http://', ''),
    async play() {
      const events = [...story(lineage)];
      for (const event of events) {
        metrics.observe(event);
        await sleep((1000 * seconds) / events.length);
      }
    },
    close: () => server.close(),
  };
}
