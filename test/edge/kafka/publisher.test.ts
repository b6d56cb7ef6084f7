import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openKafkaFeed } from '../../../src/edge/kafka/feed.ts';
import { openKafkaPublisher } from '../../../src/edge/kafka/publisher.ts';
import { withdrawn } from '../prometheus/story.ts';
import { withBroker } from './with-broker.ts';

const under = withBroker();

test('events reach their topics as CloudEvents with the lineage as key', async (t) => {
  const broker = under.broker(t);
  if (!broker) return;
  const topics = {
    checkpoints: `cpt-test-${process.pid}-checkpoints`,
    events: `cpt-test-${process.pid}-events`,
  };
  const publisher = await openKafkaPublisher({ brokers: broker.brokers, topics });
  await (await openKafkaPublisher({ brokers: broker.brokers, topics })).close(); // existing topics are fine
  const lineage = 'news / "daily"';
  const published = {
    event: 'CheckpointPublished',
    lineage,
    domain: 'd1',
    task: 0,
    revision: '0'.repeat(40),
    ref: 'd1',
    bytes: 10,
    seconds: 1,
  } as const;
  const closed = {
    event: 'DomainClosed',
    lineage,
    domain: 'd1',
    first: 0,
    last: 9,
    detectedAt: 12,
    returnOf: null,
    reason: 'change',
  } as const;
  const drift = {
    event: 'DriftDetected',
    lineage,
    boundary: 10,
    detectedAt: 12,
    statistic: 7,
    threshold: 6,
  } as const;
  await publisher.send({ ...drift, id: 'a' });
  await publisher.send({ ...closed, id: 'b', time: '2020-01-01T00:00:00Z' });
  await publisher.send({ event: 'BackpressureApplied', lineage, seconds: 1, id: 'none' });
  await publisher.send({ ...published, id: 'c' });
  const gone = withdrawn(lineage, 'd1');
  await publisher.send({ ...gone, id: 'd' });
  await publisher.close();

  const read = async (topic: string) => {
    const feed = await openKafkaFeed({ brokers: broker.brokers, topic, untilEnd: true })(null);
    const values: unknown[] = [];
    for (let batch = await feed.read(); batch; batch = await feed.read()) {
      for (const { bytes } of batch.records) values.push(JSON.parse(Buffer.from(bytes!).toString()));
    }
    await feed.close();
    return values;
  };
  const frame = {
    specversion: '1.0',
    source: 'cpt-stream/news%20%2F%20%22daily%22',
    datacontenttype: 'application/json',
  };
  assert.deepEqual(await read(topics.checkpoints), [
    { ...frame, id: 'c', type: 'cpt.CheckpointPublished', subject: 'd1', data: published },
    { ...frame, id: 'd', type: 'cpt.CheckpointWithdrawn', subject: 'd1', data: gone },
  ]);
  assert.deepEqual(await read(topics.events), [
    { ...frame, id: 'a', type: 'cpt.DriftDetected', data: drift },
    {
      ...frame,
      id: 'b',
      type: 'cpt.DomainClosed',
      subject: 'd1',
      time: '2020-01-01T00:00:00Z',
      data: closed,
    },
  ]);

  const consumer = under.kafka().consumer({ groupId: `${topics.events}-keys` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.events], fromBeginning: true });
  const key = await new Promise<string>((resolve) => {
    void consumer.run({ eachMessage: async ({ message }) => resolve(String(message.key)) });
  });
  await consumer.disconnect();
  assert.equal(key, lineage);
});
