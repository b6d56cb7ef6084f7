/** SIGTERM to a run that reads and tells Kafka topics, with the broker there and with the broker away. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { type Broker, startBroker } from '../../deploy/broker.ts';
import { ensureTopics } from '../../src/edge/kafka/topics.ts';
import { State } from '../../src/edge/state/state.ts';
import { CptError } from '../../src/errors.ts';
import { tinyFeed, writeTinyBase } from '../fixtures/tiny-base.ts';
import { type Program, startRun } from './stopping.ts';

const TOPIC = `cpt-stop-${process.pid}`;
const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-stop-kafka-'));
const base = path.join(place, 'base');
let broker: Broker | undefined;
let missing = '';

before(async () => {
  try {
    broker = await startBroker({ own: true }); // it is taken down
  } catch (error) {
    if (process.env.CI === 'true' || !(error instanceof CptError)) throw error;
    missing = error.toLine();
    return;
  }
  writeTinyBase(base);
  const producer = kafka(broker).producer();
  await ensureTopics({ brokers: broker.brokers }, [{ topic: TOPIC, partitions: 1 }]);
  await producer.connect();
  const lines = tinyFeed(['kitchen', 'sea'], 60).trim().split('\n');
  await producer.send({ topic: TOPIC, messages: lines.map((value) => ({ value })) });
  await producer.disconnect();
});
after(async () => {
  await broker?.stop();
  fs.rmSync(place, { recursive: true });
});

function kafka({ brokers }: Broker): Kafka {
  process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
  return new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
}

const start = (name: string, { brokers }: Broker, ...flags: string[]): Program =>
  startRun(
    path.join(place, name),
    ...[
      '--feed',
      `kafka://${brokers[0]}/${TOPIC}?group=${TOPIC}-${name}`,
      '--events',
      `kafka://${brokers[0]}`,
    ],
    ...['--base', base, '--min-steps', '100000', '--max-steps', '100000', ...flags],
  );

function running(t: TestContext): Broker | null {
  if (broker === undefined) t.skip(missing);
  return broker ?? null;
}

test('its place in the group is free at once, and every event that waited is sent', async (t) => {
  const here = running(t);
  if (here === null) return;
  const run = start('leaves', here);
  await run.seen(({ event }) => event === 'TaskProgress');
  run.child.kill('SIGTERM');
  const { status, errors } = await run.ended;
  assert.equal(status, 143, errors);
  assert.doesNotMatch(errors, /did not end/);
  const admin = kafka(here).admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([`${TOPIC}-leaves`]);
  await admin.disconnect();
  assert.deepEqual(
    groups[0]!.members,
    [],
    'a member that only went away would be here until its session ends',
  );
  const state = State.open(path.join(place, 'leaves', 'state', 'l'), { lineage: 'l' });
  try {
    assert.deepEqual(state.outgoing(), []);
    assert.equal(state.history().filter(({ event }) => event === 'DomainClosed').length, 1);
    assert.deepEqual([state.counts.accepted, state.progress.ended], [120, false]);
  } finally {
    await state.close();
  }
});

test('with the broker away it ends within its grace', async (t) => {
  const here = running(t);
  if (here?.kill === undefined) return;
  const run = start('away', here, '--grace', '3');
  await run.seen(({ event }) => event === 'TaskProgress');
  await here.kill();
  run.child.kill('SIGTERM');
  const { status, errors } = await run.ended;
  assert.equal(status, 143, errors);
  const saved = path.join(place, 'away', 'state', 'l', 'lineage', 'running.safetensors');
  assert.ok(fs.existsSync(saved), 'the running step is saved whatever the broker does');
});
