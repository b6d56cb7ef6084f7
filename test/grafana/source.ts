/** Something that serves metrics while it works, for a Prometheus to scrape. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { BUNDLED_SAMPLE } from '../../src/edge/bundled.ts';
import { kafkaClient, PATIENT } from '../../src/edge/kafka/client.ts';
import { ensureTopics } from '../../src/edge/kafka/topics.ts';
import type { CptEvent } from '../../src/events.ts';
import { tinyFlags, writeTinyBase } from '../fixtures/tiny-base.ts';

export interface MetricsSource {
  /** `host:port` of `/metrics`. */
  readonly target: string;
  /** Works until all that was closed is published; its metrics stay up. @returns the events that happened */
  play(): Promise<CptEvent[]>;
  close(): Promise<void>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * The whole program on the tiny model and a topic of its own, serving its own metrics; `play` sends the sample and
 * a broken record to the topic. A topic has no end, so the program goes on serving.
 */
export async function realRun(lineage: string, brokers: readonly string[]): Promise<MetricsSource> {
  const topic = `${lineage}-${process.pid}`;
  await ensureTopics({ brokers }, [{ topic }]);
  const folder = await mkdtemp(join(tmpdir(), 'cpt-grafana-'));
  const base = join(folder, 'base');
  writeTinyBase(base);
  const port = await freePort();
  const places = ['--state', join(folder, 'state'), '--out', join(folder, 'out'), '--lineage', lineage];
  const flags = [
    '--json',
    '--feed',
    `kafka://${brokers.join(',')}/${topic}`,
    '--base',
    base,
    ...places,
    ...tinyFlags,
    '--port',
    String(port),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'run', ...flags], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const events: CptEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line) as CptEvent));
  const count = (event: CptEvent['event']) => events.filter((one) => one.event === event).length;
  const accepted = () =>
    events.reduce((sum, one) => sum + (one.event === 'PassagesRead' ? one.accepted : 0), 0);

  return {
    target: `127.0.0.1:${port}`,
    async play() {
      const sample = await readFile(BUNDLED_SAMPLE, 'utf8');
      const lines = sample.trimEnd().split('\n');
      await send(brokers, topic, [...lines, '{"text": "cut in the mid']);
      const done = () => count('DomainClosed') > 0 && count('CheckpointPublished') === count('DomainClosed');
      while (accepted() < lines.length || !done()) {
        if (child.exitCode !== null) throw new Error(`the run ended with ${child.exitCode}`);
        await sleep(50);
      }
      return events;
    },
    async close() {
      child.kill('SIGTERM');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function send(brokers: readonly string[], topic: string, values: readonly string[]): Promise<void> {
  const producer = kafkaClient({ brokers }, PATIENT).producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
