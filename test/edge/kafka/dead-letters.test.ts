import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import kafkajs, { type IHeaders } from 'kafkajs';
import type { LettersHeld, Rejection } from '../../../src/edge/dead-letters.ts';
import type { RecordOrigin } from '../../../src/edge/feed/feed.ts';
import { openDeadLetterTopic } from '../../../src/edge/kafka/dead-letters.ts';
import { CptError } from '../../../src/errors.ts';
import { withBroker } from './with-broker.ts';

const { ConfigResourceTypes } = kafkajs; // no named export that Node sees
const under = withBroker();

function rejection(offset: number, value: Buffer | null, origin: Partial<RecordOrigin> = {}): Rejection {
  const from = {
    topic: 'source',
    partition: 3,
    offset: String(offset),
    key: null,
    headers: {},
    value,
    ...origin,
  };
  const record = { bytes: value, size: value?.length ?? 0, position: `source[3]@${offset}`, origin: from };
  return { record, reason: 'nul_bytes', detail: `at ${offset}` };
}

interface Read {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** The first `count` messages of a topic with one partition. */
async function read(topic: string, count: number): Promise<Read[]> {
  const consumer = under.kafka().consumer({ groupId: `${topic}-read`, maxBytesPerPartition: 8 << 20 });
  const all: Read[] = [];
  const texts = (headers: IHeaders = {}) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message: { key, value, headers } }) => {
        all.push({ key, value, headers: texts(headers) });
        if (all.length === count) resolve();
      },
    });
  });
  await consumer.disconnect();
  return all;
}

async function configure(topic: string, name: string, value: string): Promise<void> {
  const admin = under.kafka().admin();
  await admin.connect();
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
}

const times = { now: () => 0, clock: () => performance.now() / 1000, lineage: 'l', fileBytes: 17 };

test('letters reach their topic as they came; the file of earlier runs is not theirs', async (t) => {
  const broker = under.broker(t);
  if (!broker) return;
  const topic = await under.topic(1);
  const letters = await openDeadLetterTopic({ brokers: broker.brokers, topic, ...times });
  const headers = { own: Buffer.from('value'), toString: [() => {}, Buffer.from('hostile')], none: null };
  const key = Buffer.from([1, 0xff]);
  assert.equal(await letters.append([]), 17);
  const given = [rejection(1, Buffer.from([0xff, 0]), { headers, key }), rejection(2, null)];
  assert.equal(await letters.append(given, () => assert.fail('nothing waits')), 17);
  await letters.close();
  const [one, two] = await read(topic, 2);
  assert.deepEqual([one!.key, one!.value], [key, Buffer.from([0xff, 0])]);
  const { own, 'cpt-dead-letter-offset': offset, 'cpt-dead-letter-time': time } = one!.headers;
  assert.deepEqual([own, offset, time], ['value', '1', '1970-01-01T00:00:00.000Z']);
  assert.deepEqual([two!.key, two!.value], [null, null]);
  await assert.rejects(letters.append(given), (error) => {
    return error instanceof CptError && error.code === 'CPT_INTERRUPTED';
  });
});

test('more than a topic takes at once goes in parts; what is too large alone is cut, and says so', async (t) => {
  const broker = under.broker(t);
  if (!broker) return;
  const topic = await under.topic(1);
  await configure(topic, 'max.message.bytes', '100000');
  const letters = await openDeadLetterTopic({ brokers: broker.brokers, topic, ...times });
  const large = Buffer.alloc(150_000, 'ab');
  const half = Buffer.alloc(60_000, 'c');
  const big = { large: Buffer.alloc(200_000) }; // a header that no cut of the payload makes up for
  await letters.append([
    rejection(0, half),
    rejection(1, half),
    rejection(2, large),
    rejection(3, Buffer.from('small'), { headers: big, key: Buffer.from('k') }),
  ]);
  await letters.close();
  const all = await read(topic, 4);
  const cut = all.map(({ headers }) => headers['cpt-dead-letter-cut'] ?? 'whole');
  assert.deepEqual(
    all.map(({ value }) => value!.length),
    [60_000, 60_000, 65_536, 5],
  );
  assert.deepEqual(cut, ['whole', 'whole', 'true', 'headers']);
  const { 'cpt-dead-letter-sha256': hash, 'cpt-dead-letter-size': size } = all[2]!.headers;
  assert.deepEqual([hash, size], [createHash('sha256').update(large).digest('hex'), '150000']);
  assert.deepEqual([all[3]!.key, 'large' in all[3]!.headers], [null, false]);
});

test('a topic that refuses, and one that is gone: letters wait, say so, and come when it takes them', async (t) => {
  const broker = under.broker(t);
  if (!broker) return;
  const refusing = await under.topic(1);
  await configure(refusing, 'cleanup.policy', 'compact'); // takes no message without a key
  const gone = await under.topic(1);
  const admin = under.kafka().admin();
  await admin.connect();
  const mend = {
    [refusing]: () => configure(refusing, 'cleanup.policy', 'delete'),
    [gone]: async () => {
      await admin.createTopics({ topics: [{ topic: gone, numPartitions: 1 }], waitForLeaders: false });
    },
  };
  for (const topic of [refusing, gone]) {
    const letters = await openDeadLetterTopic({ brokers: broker.brokers, topic, ...times });
    if (topic === gone) await admin.deleteTopics({ topics: [gone] });
    const held: LettersHeld[] = [];
    let mending: Promise<unknown> | undefined;
    await letters.append([rejection(1, Buffer.from('a')), rejection(2, Buffer.from('b'))], (state) => {
      held.push(state);
      mending ??= mend[topic]!();
    });
    await mending;
    await letters.close();
    assert.ok(held.length >= 2);
    assert.equal(held[0]!.waiting, 2);
    assert.match(held[0]!.message ?? '', new RegExp(`The topic ${topic} does not take dead letters: `));
    assert.deepEqual([held.at(-1)!.waiting, held.at(-1)!.message], [0, null]);
    assert.deepEqual(
      (await read(topic, 2)).map(({ value }) => String(value)),
      ['a', 'b'],
    );
  }
  await admin.disconnect();
});

test('who waits is let go when it is closed', async (t) => {
  const broker = under.broker(t);
  if (!broker) return;
  const topic = await under.topic(1);
  await configure(topic, 'cleanup.policy', 'compact');
  const letters = await openDeadLetterTopic({ brokers: broker.brokers, topic, ...times });
  const appended = letters.append([rejection(1, Buffer.from('a'))], () => void letters.close());
  await assert.rejects(appended, (error) => error instanceof CptError && error.code === 'CPT_INTERRUPTED');
});
