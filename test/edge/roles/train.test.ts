/** Two trainers of the real command line on a real broker and S3: one is frozen in a task, and wakes up too late. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { toTaskMessage } from '../../../src/edge/kafka/task-message.ts';
import { readHead, refsOf } from '../../../src/edge/objects/head.ts';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
import type { CptEvent } from '../../../src/events.ts';
import { writeTinyBase } from '../../fixtures/tiny-base.ts';
import { withBroker } from '../kafka/with-broker.ts';
import { withS3 } from '../objects/with-s3.ts';
import { type RoleProcess, signal, startRole } from './role-process.ts';
import { published, queueTasks } from './tasks.ts';

const LINEAGE = `news-${process.pid}`;
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-train-role-'));
const base = path.join(place, 'base');
writeTinyBase(base);
after(() => fs.rmSync(place, { recursive: true }));
const kafka = withBroker();
const s3 = withS3();

const STEPS = 100;
const FLAGS = [
  ...['--batch', '4', '--length', '32', '--min-steps', String(STEPS), '--max-steps', String(STEPS)],
  ...['--learning-rate', '1e-2', '--threads', '1', '--device', 'cpu', '--port', 'off', '--session', '6'],
];

const startTrain = (name: string, args: readonly string[], env: NodeJS.ProcessEnv): RoleProcess =>
  startRole('train', ['--base', base, '--state', path.join(place, name), ...FLAGS, ...args], env);

const publishedTask = (task: number) => (event: CptEvent) =>
  event.event === 'CheckpointPublished' && event.task === task;

test("a trainer frozen in a task is replaced, and fenced when it wakes up: each task once, a calm run's bytes", async (t) => {
  const broker = kafka.broker(t);
  const server = s3.server(t);
  if (broker === undefined || server === undefined) return;
  const { endpoint, env } = server;
  const brokers = `kafka://${broker.brokers.join(',')}`;
  const running: RoleProcess[] = [];
  const producer = kafka.kafka().producer();
  await producer.connect();

  /** A store with its queue of tasks. */
  const prepare = async () => {
    const where = await s3.place();
    const store = await openObjectStore(where, { endpoint });
    const topic = await kafka.topic(1);
    const messages = (await queueTasks(store, LINEAGE)).map(toTaskMessage);
    await producer.send({ topic, messages: [{ key: 'x', value: 'no task' }, ...messages] });
    const args = [
      '--tasks',
      `${brokers}/${topic}?group=${topic}`,
      '--store',
      where,
      '--s3-endpoint',
      endpoint,
    ];
    return { store, args };
  };
  const start = (...args: Parameters<typeof startTrain>): RoleProcess => {
    const trainer = startTrain(...args);
    running.push(trainer);
    return trainer;
  };

  try {
    const calm = await prepare();
    const alone = start('calm', calm.args, env);
    await alone.until(publishedTask(3));
    await alone.stop();
    assert.match(alone.errors(), /CPT_INTERRUPTED: Stopped by SIGTERM/);
    assert.match(alone.errors(), /a message is passed over/);

    const { store, args } = await prepare();
    const events = ['--events', brokers];
    const first = start('first', [...args, ...events], env);
    await first.until((event) => event.event === 'TaskStarted' && event.task === 2);
    signal(first, 'SIGSTOP');
    const second = start('second', [...args, ...events], env);
    await second.until(publishedTask(3));
    const before = (await readHead(store, LINEAGE))!;
    signal(first, 'SIGCONT');
    await first.until(
      (event) => event.event === 'TaskFailed' && event.code === 'CPT_FENCED' && event.willRetry,
    );
    assert.ok(!first.told.some(publishedTask(2)));
    assert.deepEqual(await readHead(store, LINEAGE), before);
    await Promise.all([first.stop(), second.stop()]);

    const { head } = before;
    assert.deepEqual([head.epoch, head.tasks.map(({ ref }) => ref)], [2, ['d1.1', 'd2.1', 'd1.2']]);
    const files = await published(store, LINEAGE);
    for (const [name, revision] of refsOf(head)) {
      assert.equal(Buffer.from(files[`${LINEAGE}/refs/${name}`]!, 'base64').toString(), `${revision}\n`);
    }
    assert.deepEqual(files, await published(calm.store, LINEAGE));
    assert.deepEqual(
      await checkpointIds(),
      [1, 2, 3].map((task) => `${LINEAGE}/task/${task}/published`),
    );
  } finally {
    for (const { child } of running) child.kill('SIGKILL');
    await producer.disconnect();
  }
});

/** Ids of the lineage's events on the topic, each once, in the order in which they came first. */
async function checkpointIds(): Promise<string[]> {
  const consumer = kafka.kafka().consumer({ groupId: `${LINEAGE}-look`, maxWaitTimeInMs: 200 });
  const ids = new Set<string>();
  await consumer.connect();
  await consumer.subscribe({ topics: ['cpt.checkpoints'], fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        if (message.key?.toString() !== LINEAGE) return;
        const { id, data } = JSON.parse(message.value!.toString()) as { id: string; data: { task: number } };
        ids.add(id);
        if (data.task === 3) resolve();
      },
    });
  });
  await consumer.disconnect();
  return [...ids];
}
