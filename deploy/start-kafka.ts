/**
 * `npm run start:kafka`: the real path in one command. Finds or starts a Kafka broker, fills `cpt.passages` with
 * the sample, runs the pipeline on it to its end, and shows what a consumer of `cpt.checkpoints` gets.
 * Further flags go to the run: `npm run start:kafka -- --port off`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { BUNDLED_SAMPLE } from '../src/edge/bundled.ts';
import { kafkaClient, PATIENT } from '../src/edge/kafka/client.ts';
import type { CloudEvent } from '../src/edge/kafka/cloud-event.ts';
import { openKafkaFeed } from '../src/edge/kafka/feed.ts';
import { fetchMarks } from '../src/edge/kafka/marks.ts';
import { EVENT_TOPICS } from '../src/edge/kafka/publisher.ts';
import { ensureTopics } from '../src/edge/kafka/topics.ts';
import { CptError } from '../src/errors.ts';
import { startBroker } from './broker.ts';

const TOPIC = 'cpt.passages';
const CLI = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const say = (line: string): void => console.error(line);

/** One record a line; nothing is sent to a topic that holds records already. @returns how many it holds */
async function fill(brokers: readonly string[], file: string): Promise<number> {
  const kafka = kafkaClient({ brokers }, PATIENT);
  const admin = kafka.admin();
  await admin.connect();
  const marks = [...(await fetchMarks(admin, TOPIC)).values()];
  await admin.disconnect();
  const held = marks.reduce((sum, { high, low }) => sum + Number(high - low), 0);
  if (held > 0) return held;

  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  let sent = 0;
  let batch: { value: string }[] = [];
  const send = async (): Promise<void> => {
    if (batch.length > 0) await producer.send({ topic: TOPIC, messages: batch });
    sent += batch.length;
    batch = [];
  };
  for await (const value of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    batch.push({ value });
    if (batch.length === 500) await send();
  }
  await send();
  await producer.disconnect();
  return sent;
}

/** @returns the exit status of the run */
async function run(brokers: readonly string[], state: string, flags: readonly string[]): Promise<number> {
  const feed = `kafka://${brokers.join(',')}/${TOPIC}`;
  const events = `kafka://${brokers.join(',')}`;
  const args = ['run', '--feed', feed, '--events', events, '--once', '--state', state, ...flags];
  const child = spawn(process.execPath, ['--import', 'tsx', CLI, ...args], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, as it is in our group; this process stays to stop the broker after it.
  const wait = (): void => {};
  const pass = (): void => void child.kill('SIGTERM');
  process.on('SIGINT', wait).on('SIGTERM', pass);
  const [status] = (await once(child, 'exit')) as [number | null];
  process.off('SIGINT', wait).off('SIGTERM', pass);
  return status ?? 1;
}

async function showCheckpoints(brokers: readonly string[]): Promise<number> {
  const topic = EVENT_TOPICS.checkpoints;
  const feed = await openKafkaFeed({ brokers, topic, untilEnd: true, group: 'cpt-stream-show' })(null);
  let shown = 0;
  try {
    for (let batch = await feed.read(); batch; batch = await feed.read()) {
      for (const { bytes, position } of batch.records) {
        const { id, data } = JSON.parse(Buffer.from(bytes ?? []).toString()) as CloudEvent;
        if (data.event !== 'CheckpointPublished') continue;
        say(`  ${position}  ${data.lineage}  ${data.ref}  ${data.revision}  (id ${id})`);
        shown++;
      }
    }
  } finally {
    await feed.close();
  }
  return shown;
}

async function main(flags: readonly string[]): Promise<number> {
  const state = await mkdtemp(join(tmpdir(), 'cpt-start-kafka-')); // the broker is new, so old offsets mean nothing
  try {
    say('Looking for a Kafka broker …');
    const broker = await startBroker();
    try {
      say(`Kafka at ${broker.brokers.join(', ')} (${broker.how}).`);
      // One partition: a lineage reads its passages in one order.
      await ensureTopics({ brokers: broker.brokers }, [
        { topic: TOPIC, partitions: 1 },
        { topic: EVENT_TOPICS.checkpoints },
        { topic: EVENT_TOPICS.events },
      ]);
      say(`${await fill(broker.brokers, BUNDLED_SAMPLE)} records in ${TOPIC}.`);
      const status = await run(broker.brokers, state, flags);
      if (status !== 0) return status;
      say(`What a consumer of ${EVENT_TOPICS.checkpoints} reads:`);
      if ((await showCheckpoints(broker.brokers)) === 0) say('  nothing');
      return 0;
    } finally {
      await broker.stop();
    }
  } finally {
    await rm(state, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CptError)) throw error;
  say(error.toLine());
  process.exitCode = 1;
}
