/** On a real broker, which takes 1 MiB at once unless it is told otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { featurize } from '../../../src/domains/index.ts';
import { encodedBytes, toEncoded } from '../../../src/edge/roles/encoded-passage.ts';
import { openEncodedTopic } from '../../../src/edge/roles/encoded-topic.ts';
import { withBroker } from '../kafka/with-broker.ts';

const kafka = withBroker();

test('more passages than the topic takes at once go in parts, in their order', async (t) => {
  const broker = kafka.broker(t);
  if (broker === undefined) return;
  const topic = await kafka.topic(1);
  const messages = Array.from({ length: 500 }, (_, offset) => {
    const text = Array.from({ length: 300 }, (_, word) => `word-${offset}-${word}`).join(' ');
    const source = { topic: 'reviews', partition: 0, offset: BigInt(offset) };
    return toEncoded({
      source,
      text,
      domain: null,
      time: 1,
      features: featurize(text),
      encoder: 'lexical',
    });
  });
  assert.ok(messages.reduce((sum, message) => sum + encodedBytes(message), 0) > 2 << 20);
  let refuse = (_: Error): void => {};
  const refused = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const warn = (_: object, line: string): void => {
    if (line.startsWith('The topic')) refuse(new Error(line));
  };
  const logger = { debug() {}, info() {}, error() {}, warn };
  const options = { brokers: broker.brokers, maxBytes: 1 << 20, signal: new AbortController().signal };
  const { send, close } = await openEncodedTopic({ ...options, topic, logger });
  await Promise.race([send(messages), refused]);
  await close();
  const consumer = kafka.kafka().consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const sources: string[] = [];
  await new Promise<void>((resolve, reject) => {
    consumer
      .run({
        eachMessage: async ({ message: { headers } }) => {
          if (sources.push(String(headers!['cpt-source'])) === messages.length) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  assert.deepEqual(
    sources,
    messages.map(({ headers }) => headers['cpt-source']),
  );
});

test('the longest record fits into the topic that is made for it; a stop ends the patience with one that takes nothing', async (t) => {
  const broker = kafka.broker(t);
  if (broker === undefined) return;
  const maxBytes = 1 << 20;
  const text = Array.from({ length: 400_000 }, (_, word) => `w${word}`)
    .join(' ')
    .slice(0, maxBytes);
  const passage = {
    source: { topic: 'reviews', partition: 0, offset: 0n },
    text,
    domain: null,
    time: 1,
    features: featurize(text),
    encoder: 'lexical',
  };
  const stop = new AbortController();
  const warned = (_: object, line: string): void => {
    if (line.startsWith('The topic')) stop.abort(new Error('stopped'));
  };
  const logger = { debug() {}, info() {}, error() {}, warn: warned };
  const options = { brokers: broker.brokers, maxBytes, signal: stop.signal, logger };
  const topic = `cpt-test-encoded-${process.pid}`;
  const made = await openEncodedTopic({ ...options, topic });
  await made.send([toEncoded(passage)]);
  await made.close();
  assert.equal(stop.signal.aborted, false);
  const small = await openEncodedTopic({ ...options, topic: await kafka.topic(1) });
  await assert.rejects(small.send([toEncoded(passage)]), /stopped/);
  await small.close();
  const admin = kafka.kafka().admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
});
