import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Admin } from 'kafkajs';
import { ensureTopics } from '../../../src/edge/kafka/topics.ts';
import type { LostRecords } from '../../../src/events.ts';
import { collect, numbered, offsets, producing, text, withFeed } from './reading.ts';
import { withBroker } from './with-broker.ts';

const under = withBroker();
const produce = producing(under.kafka);
let names = 0;
const fresh = (): string => `cpt-many-${process.pid}-${names++}`;

async function withAdmin<R>(use: (admin: Admin) => Promise<R>): Promise<R> {
  const admin = under.kafka().admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Removes what a partition holds before an offset, as retention does. */
const removeBefore = (topic: string, offset: number): Promise<void> =>
  withAdmin(async (admin) => {
    await admin.fetchTopicOffsets(topic); // kafkajs forgets to load the topic's metadata for the next call
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  });

describe('topics', { concurrency: 6 }, () => {
  test('several topics are read exactly once, over a restart, and their offsets are told to the group', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = [await under.topic(2), await under.topic(1)];
    for (const name of topic) await produce(name, numbered(600, name === topic[0] ? 2 : 1));
    const options = { brokers: broker.brokers, topic, untilEnd: true, group: `${topic[0]}-group` };
    const first = await withFeed(options, null, async (feed) => {
      const kept = await collect(feed, (records) => records.length >= 400);
      await feed.read();
      return kept;
    });
    const second = await withFeed(options, first.last!.offsets, (feed) => collect(feed));
    const all = [...first.records, ...second.records].map(({ position }) => position);
    assert.equal(all.length, 1200);
    assert.equal(new Set(all).size, 1200);
    const ends = { ...offsets(topic[0]!, '300', '300'), ...offsets(topic[1]!, '600') };
    assert.deepEqual(second.last?.offsets, ends);
    const committed = await withAdmin((admin) =>
      admin.fetchOffsets({ groupId: options.group, topics: topic }),
    );
    const told = committed.flatMap(({ topic: name, partitions }) =>
      partitions.map(({ partition, offset }) => [`${name}/${partition}`, offset]),
    );
    assert.deepEqual(Object.fromEntries(told), ends);
  });

  test('a pattern takes up topics that come while it is read, and partitions that are added', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const stem = fresh();
    const [a, b] = [`${stem}.a`, `${stem}.b`];
    await ensureTopics({ brokers: broker.brokers }, [{ topic: a, partitions: 1 }]);
    await produce(a, [{ partition: 0, value: 'a0' }]);
    const topic = { pattern: `^${stem}\\.` };
    const options = { brokers: broker.brokers, topic, group: stem, idleMs: 100, lookEveryMs: 300 };
    await withFeed(options, null, async (feed) => {
      const read = async (count: number) =>
        (await collect(feed, (all) => all.length >= count)).records.map(text);
      assert.deepEqual(await read(1), ['a0']);
      await ensureTopics({ brokers: broker.brokers }, [{ topic: b, partitions: 1 }]);
      await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic: a, count: 2 }] }));
      await produce(b, [{ partition: 0, value: 'b0' }]);
      await produce(a, [
        { partition: 1, value: 'a1' },
        { partition: 0, value: 'a2' },
      ]);
      const { records, last } = await collect(feed, (all) => all.length >= 3);
      assert.deepEqual(records.map(text).sort(), ['a1', 'a2', 'b0']);
      assert.deepEqual(last?.offsets, { ...offsets(a, '2', '1'), ...offsets(b, '1') });
    });
  });

  test('what retention removes is an error, or is passed over and told: at the start and while reading', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = await under.topic(1);
    await produce(topic, numbered(10, 1));
    await removeBefore(topic, 4);
    const options = { brokers: broker.brokers, topic, onLost: 'earliest' as const, idleMs: 100 };
    const lost: LostRecords[] = [];
    await withFeed(options, offsets(topic, '2'), async (feed) => {
      const opening = await feed.read();
      assert.deepEqual(opening?.records, []);
      lost.push(...(opening?.lost ?? []));
      assert.deepEqual(opening?.offsets, offsets(topic, '4'));
      const { records } = await collect(feed, (all) => all.length >= 6);
      assert.deepEqual(records.map(text), [
        'passage 4',
        'passage 5',
        'passage 6',
        'passage 7',
        'passage 8',
        'passage 9',
      ]);
      // Written and removed before the next fetch sees it, or read: one of both, and never silently neither.
      await produce(topic, numbered(3, 1));
      await removeBefore(topic, 13);
      await produce(topic, [{ partition: 0, value: 'last' }]);
      const after: string[] = [];
      while (after.at(-1) !== 'last') {
        const batch = await feed.read();
        after.push(...(batch?.records ?? []).map(text));
        lost.push(...(batch?.lost ?? []));
      }
      const passed = lost.slice(1).reduce((sum, { count }) => sum + count!, 0);
      assert.equal(after.length - 1 + passed, 3);
    });
    assert.deepEqual(lost[0], { topic, partition: 0, reason: 'removed', from: 2, to: 3, count: 2, next: 4 });
    const { records } = await withFeed(
      { ...options, onLost: 'latest', untilEnd: true },
      offsets(topic, '2'),
      (feed) => collect(feed),
    );
    assert.deepEqual(records, []);
  });

  test('a topic that is deleted and made anew while it is read is read as new, and told', async (t) => {
    const broker = under.broker(t);
    if (!broker) return;
    const topic = fresh();
    const make = () => ensureTopics({ brokers: broker.brokers }, [{ topic, partitions: 1 }]);
    await make();
    await produce(topic, numbered(5, 1));
    const options = {
      brokers: broker.brokers,
      topic,
      onLost: 'earliest' as const,
      group: topic,
      idleMs: 100,
      lookEveryMs: 300,
    };
    await withFeed(options, null, async (feed) => {
      await collect(feed, (all) => all.length >= 5);
      await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
      for (let n = 0; n < 12; n++) await feed.read(); // some looks at the topics pass
      await make();
      await produce(topic, [{ partition: 0, value: 'new' }]);
      const lost: LostRecords[] = [];
      const records: string[] = [];
      while (records.length === 0) {
        const batch = await feed.read();
        lost.push(...(batch?.lost ?? []));
        records.push(...(batch?.records ?? []).map(text));
      }
      assert.deepEqual(records, ['new']);
      assert.deepEqual(lost, [
        { topic, partition: 0, reason: 'recreated', from: 5, to: null, count: null, next: 0 },
      ]);
    });
  });
});
