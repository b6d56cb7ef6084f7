import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { startBroker } from '../../../deploy/broker.ts';
import type { FeedOffsets } from '../../../src/edge/feed/feed.ts';
import { type KafkaFeedOptions, openKafkaFeed } from '../../../src/edge/kafka/feed.ts';
import { ensureTopics } from '../../../src/edge/kafka/topics.ts';
import { CptError } from '../../../src/errors.ts';
import { DECODE_DEFAULTS } from '../../../src/text/decode.ts';
import { collect, numbered, offsets, producing, text, withFeed } from './reading.ts';
import { withBroker } from './with-broker.ts';

const under = withBroker();
const produce = producing(under.kafka);

/** Who reads, and what: each member's id and the bytes of its assignment. */
async function members(group: string): Promise<string[]> {
  const admin = under.kafka().admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([group]);
  await admin.disconnect();
  return (groups[0]?.members ?? []).map(
    ({ memberId, memberAssignment }) => `${memberId} ${memberAssignment.toString('hex')}`,
  );
}

describe('against a broker', { concurrency: 4 }, () => {
  test('3,000 messages of 3 partitions come exactly once, over a restart from stored offsets', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(3);
    await produce(topic, numbered(3000, 3));
    const options = { brokers: broker.brokers, topic, untilEnd: true };

    // What is read after the stored batch is lost with the process, as at a crash.
    const first = await withFeed(options, null, async (feed) => {
      const kept = await collect(feed, (records) => records.length >= 1200);
      assert.ok((await feed.read()) !== null);
      return kept;
    });
    assert.ok(first.last);
    const second = await withFeed(options, first.last.offsets, (feed) => collect(feed));

    assert.equal(second.ended, true);
    const all = [...first.records, ...second.records].map(text).sort();
    assert.deepEqual(
      all,
      numbered(3000, 3)
        .map(({ value }) => value)
        .sort(),
    );
    assert.deepEqual(second.last?.offsets, offsets(topic, '1000', '1000', '1000'));
    assert.equal(second.last?.lag, 0);
    assert.equal(first.last.lag, 3000 - first.records.length);
    for (const partition of [0, 1, 2]) {
      const offsets = [...first.records, ...second.records]
        .map(({ position }) => /\[(\d)\]@(\d+)$/.exec(position))
        .filter((match) => match?.[1] === String(partition))
        .map((match) => Number(match?.[2]));
      assert.deepEqual(
        offsets,
        Array.from({ length: 1000 }, (_, n) => n),
      );
    }
  });

  test('the group is told of offsets only when the next batch is asked for', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(1);
    await produce(topic, numbered(1100, 1));
    const group = `${topic}-group`;
    const read = await withFeed({ brokers: broker.brokers, topic, group }, null, async (feed) => {
      const one = await feed.read();
      await feed.read(); // the first is durable, the second is not
      return one;
    });
    const admin = under.kafka().admin();
    await admin.connect();
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    await admin.disconnect();
    assert.equal(committed?.partitions[0]?.offset, read?.offsets[`${topic}/0`]);
  });

  test('tombstones, headers, oversized and compressed records', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(1);
    await produce(
      topic,
      [
        { partition: 0, key: 'gone', value: null },
        { partition: 0, value: 'a', headers: { domain: 'reviews', __proto__x: 'y' } },
        { partition: 0, value: 'b', headers: { domain: Buffer.from([0xff, 0xfe]) } },
        { partition: 0, value: 'c', headers: { ['__proto__']: 'x', domain: ['first', 'last'] } },
        { partition: 0, value: 'd'.repeat(5000) },
        { partition: 0, value: Buffer.from([0xff, 0x00]) },
      ],
      CompressionTypes.GZIP,
    );
    const record = { ...DECODE_DEFAULTS, maxBytes: 1000 };
    const options = { brokers: broker.brokers, topic, untilEnd: true, record };
    const { records } = await withFeed(options, null, (feed) => collect(feed));
    assert.deepEqual(
      records.map(({ bytes, size, domain }) => [bytes?.length ?? null, size, domain]),
      [
        [null, 0, undefined],
        [1, 1, 'reviews'],
        [1, 1, '\ufffd\ufffd'],
        [1, 1, 'last'],
        [1000, 5000, undefined],
        [2, 2, undefined],
      ],
    );
    assert.equal(records[4]?.position, `${topic}[0]@4`);
  });

  test('an idle live topic gives empty batches, then what arrives, and lag', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(2);
    await withFeed({ brokers: broker.brokers, topic, idleMs: 100 }, null, async (feed) => {
      assert.deepEqual(await feed.read(), { records: [], offsets: offsets(topic, '0', '0'), lag: 0 });
      await produce(topic, numbered(4, 2));
      const { records, last } = await collect(feed, (all) => all.length >= 4);
      assert.equal(records.length, 4);
      assert.equal(last?.lag, 0);
    });
  });

  test('a sleeping reader bounds what waits for it, and stays a member', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(1);
    const big = Array.from({ length: 64 }, (_, n) => ({ partition: 0, value: Buffer.alloc(100_000, n) }));
    for (let at = 0; at < big.length; at += 8) await produce(topic, big.slice(at, at + 8));
    const warnings: string[] = [];
    const quiet = () => {};
    const joins: string[] = [];
    const logger = {
      debug: (_: object, message: string) => {
        if (/has joined the group/.test(message)) joins.push(message);
      },
      info: quiet,
      error: quiet,
      warn: (_: object, message: string) => warnings.push(message),
    };
    const options = {
      brokers: broker.brokers,
      topic,
      group: `${topic}-group`,
      maxBytesInFlight: 300_000,
      sessionTimeoutMs: 6000, // the least that a broker allows
      logger,
    };
    await withFeed(options, null, async (feed) => {
      const before = await feed.read();
      assert.ok(before);
      const joined = joins.length;
      assert.equal(joined, 1);
      const [member] = await members(options.group);
      await new Promise((resolve) => setTimeout(resolve, 7000)); // longer than the session
      assert.deepEqual(await members(options.group), [member], 'the same member with the same assignment');
      assert.equal(joins.length, joined, 'in the same generation');
      const { records } = await collect(feed, (all) => all.length + before.records.length >= 64);
      const bytes = [...before.records, ...records].map((record) => record.bytes?.[0]);
      assert.deepEqual(
        bytes,
        Array.from({ length: 64 }, (_, n) => n),
      );
    });
    assert.deepEqual(warnings, []);
  });

  test('a member that joins and leaves while the reader sleeps makes nothing lost or repeated', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(2);
    await produce(topic, numbered(3000, 2));
    const options = { brokers: broker.brokers, topic, group: `${topic}-group`, maxBytesInFlight: 6000 };
    await withFeed(options, null, async (feed) => {
      const before = await feed.read();
      const other = under.kafka().consumer({ groupId: options.group });
      const joined = new Promise((resolve) => other.on('consumer.group_join', resolve));
      await other.connect();
      await other.subscribe({ topics: [topic], fromBeginning: true });
      await other.run({ autoCommit: false, eachBatch: async () => {} });
      await joined;
      await other.disconnect();
      const { records } = await collect(feed, (all) => all.length + before!.records.length >= 3000);
      const positions = [...before!.records, ...records].map(({ position }) => position);
      assert.equal(positions.length, 3000);
      assert.equal(new Set(positions).size, 3000);
    });
  });

  test('offsets out of range, a missing topic, no broker: one clear error each', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(1);
    await produce(topic, numbered(10, 1));
    const admin = under.kafka().admin();
    await admin.connect();
    await admin.fetchTopicOffsets(topic); // kafkajs forgets to load the topic's metadata for the next call
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '4' }] });
    await admin.disconnect();
    const open = (from: FeedOffsets | null, more: Partial<KafkaFeedOptions> = {}) =>
      openKafkaFeed({ brokers: broker.brokers, topic, ...more })(from);
    const failsWith = (code: string, message: RegExp) => (error: unknown) =>
      error instanceof CptError &&
      error.code === code &&
      message.test(error.message) &&
      error.hint !== undefined;

    await assert.rejects(open({ 0: '2' }), failsWith('CPT_KAFKA', /Records 2 to 3 of .*\[0\] were removed/));
    await assert.rejects(open({ 0: '11' }), failsWith('CPT_KAFKA', /it ends at 10, 11 was next/));
    await assert.rejects(open({ 1: '0' }), failsWith('CPT_KAFKA', /there is no such partition/));
    await assert.rejects(open({ 'a.jsonl': '0' }), failsWith('CPT_STATE', /not one of this Kafka feed/));
    await assert.rejects(open(null, { topic: 'cpt-none' }), failsWith('CPT_KAFKA', /no topic "cpt-none"/));
    await assert.rejects(
      open(null, { brokers: ['127.0.0.1:1'] }),
      failsWith('CPT_KAFKA', /Connecting to .* failed/),
    );
    const { records } = await withFeed(
      { brokers: broker.brokers, topic, untilEnd: true },
      { 0: '7' },
      (feed) => collect(feed),
    );
    assert.deepEqual(records.map(text), ['passage 7', 'passage 8', 'passage 9']);
  });

  test('transactions: aborted records and control records are passed over, and the end is found', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(1);
    const producer = under
      .kafka()
      .producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    for (const [value, keep] of [
      ['kept', true],
      ['aborted', false],
      ['kept too', true],
      ['aborted too', false],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: [{ partition: 0, value }] });
      await (keep ? transaction.commit() : transaction.abort());
    }
    await producer.disconnect();
    const { records, last, ended } = await withFeed(
      { brokers: broker.brokers, topic, untilEnd: true },
      null,
      (feed) => collect(feed),
    );
    assert.deepEqual(records.map(text), ['kept', 'kept too']);
    assert.equal(ended, true);
    assert.deepEqual(last?.offsets, offsets(topic, '8'));
  });
});

test('a broker that is killed and comes back loses and repeats nothing', async (t) => {
  const shared = under.broker(t);
  if (!shared) return;
  const broker = shared.restart ? shared : await startBroker({ own: true });
  try {
    const topic = `cpt-test-${process.pid}-restart`;
    await ensureTopics({ brokers: broker.brokers }, [{ topic, partitions: 2 }]);
    const produce = producing(() => new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }));
    await produce(topic, numbered(200, 2));
    await withFeed({ brokers: broker.brokers, topic, idleMs: 200 }, null, async (feed) => {
      const before = await collect(feed, (all) => all.length >= 200);
      await broker.kill?.();
      await broker.restart?.();
      await produce(topic, numbered(200, 2));
      const after = await collect(feed, (all) => all.length >= 200);
      const positions = [...before.records, ...after.records].map(({ position }) => position);
      assert.equal(new Set(positions).size, 400, 'no record twice');
      assert.deepEqual(after.records.map(text).sort(), before.records.map(text).sort());
      assert.deepEqual(after.last?.offsets, offsets(topic, '200', '200'));
    });
  } finally {
    if (broker !== shared) await broker.stop();
  }
});
