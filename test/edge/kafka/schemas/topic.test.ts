import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { LOGIN_DEFAULTS } from '../../../../src/edge/kafka/login-options.ts';
import { READING_DEFAULTS } from '../../../../src/edge/kafka/reading-options.ts';
import { feedOf } from '../../../../src/edge/run/open-feed.ts';
import { DECODE_DEFAULTS, decodePassage } from '../../../../src/text/decode.ts';
import { producing } from '../reading.ts';
import { withBroker } from '../with-broker.ts';
import { openFakeRegistry } from './fake-registry.ts';

const under = withBroker();

test('a topic of framed records is read through the registry, each record once and in order', async (t) => {
  const broker = under.broker(t);
  if (!broker) return;
  const fields = [{ name: 'text', type: 'string' }];
  const schema = JSON.stringify({ type: 'record', name: 'R', namespace: 'n', fields });
  const registry = await openFakeRegistry({ 'schemas/ids/7': { schema } });
  t.after(() => registry.close());
  const client = new SchemaRegistry({ host: registry.url });
  const topic = `cpt-test-${process.pid}-framed-${Date.now()}`;
  const admin = under.kafka().admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1, replicationFactor: 1 }] });
  await admin.disconnect();
  const values = [
    await client.encode(7, { text: 'one' }),
    Buffer.from('two'),
    Buffer.from([0, 0, 0, 0, 9, 1]),
    await client.encode(7, { text: 'four' }),
  ];
  await producing(under.kafka)(
    topic,
    values.map((value) => ({ partition: 0, value, key: 'k' })),
  );
  const decode = { ...DECODE_DEFAULTS, domainFrom: 'key' };
  const open = await feedOf({
    feed: `kafka://${broker.brokers.join(',')}/${topic}`,
    once: true,
    decode,
    lineage: topic,
    kafka: LOGIN_DEFAULTS,
    reading: { ...READING_DEFAULTS, schemaRegistry: registry.url },
    deadLetters: '',
  });
  const feed = await open(null);
  const outcomes: unknown[] = [];
  for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
    for (const record of batch.records) {
      const decoded = decodePassage(record, decode);
      outcomes.push(decoded.ok ? [decoded.text, decoded.domain] : decoded.reason);
    }
  }
  await feed.close();
  assert.deepEqual(outcomes, [['one', 'k'], ['two', 'k'], 'invalid_schema', ['four', 'k']]);
});
