/** Something that serves metrics while it works, for a Prometheus to scrape. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BUNDLED_SAMPLE } from '../../src/edge/bundled.ts';
import { createMetrics } from '../../src/edge/prometheus/metrics.ts';
import { openMetricsServer } from '../../src/edge/prometheus/server.ts';
import type { CptEvent } from '../../src/events.ts';
import { tinyFlags, writeTinyBase } from '../fixtures/tiny-base.ts';

export interface MetricsSource {
  /** `host:port` of `/metrics`. */
  readonly target: string;
  /** Works to the end; its metrics stay up. @returns the events that happened */
  play(): Promise<CptEvent[]>;
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A run of the whole program on the tiny model, the sample and a broken record; its events are observed here. */
export async function realRun(lineage: string): Promise<MetricsSource> {
  const folder = await mkdtemp(join(tmpdir(), 'cpt-grafana-'));
  const base = join(folder, 'base');
  const feed = join(folder, 'feed.jsonl');
  writeTinyBase(base);
  await copyFile(BUNDLED_SAMPLE, feed);
  await appendFile(feed, '{"text": "cut in the mid\n');
  const metrics = createMetrics({ version: '0.0.0', lineage, processMetrics: true });
  const ready = () => ({ ready: true, detail: 'running' });
  const server = await openMetricsServer({ metrics, port: 0, ready });

  return {
    target: server.url.replace('http://', ''),
    async play() {
      const places = ['--state', join(folder, 'state'), '--out', join(folder, 'out'), '--lineage', lineage];
      const args = [
        'src/cli/main.ts',
        'run',
        '--json',
        '--feed',
        feed,
        '--base',
        base,
        ...places,
        ...tinyFlags,
      ];
      const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
        cwd: ROOT,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      const events: CptEvent[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        const event = JSON.parse(line) as CptEvent;
        metrics.observe(event);
        events.push(event);
      }
      const [status] = await exited;
      if (status !== 0) throw new Error(`the run ended with ${status}`);
      return events;
    },
    async close() {
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
