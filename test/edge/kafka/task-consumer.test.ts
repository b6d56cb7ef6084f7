/** On a real broker: one message of a partition at a time, one that waits holds up its own partition only. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import kafkajs from 'kafkajs';
import { kafkaClient, PATIENT } from '../../../src/edge/kafka/client.ts';
import { runTaskConsumer } from '../../../src/edge/kafka/task-consumer.ts';
import { withBroker } from './with-broker.ts';

const kafka = withBroker();

test('a message that waits is tried again, the other partition goes on, and what is done is not brought again', async (t) => {
  const broker = kafka.broker(t);
  if (broker === undefined) return;
  const topic = await kafka.topic(2);
  const admin = kafka.kafka().admin();
  await admin.connect();
  const configEntries = [{ name: 'compression.type', value: 'zstd' }]; // whatever was sent
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
  await admin.disconnect();
  const producer = kafka.kafka().producer();
  await producer.connect();
  const send = (partition: number, ...values: string[]) =>
    producer.send({ topic, messages: values.map((value) => ({ partition, value })) });
  await send(0, 'a1', 'a2');
  await send(1, 'b1', 'b2', 'b3');

  /** Handles messages until one has the value; `a1` is done only once the other partition is. */
  async function member(last: string): Promise<string[]> {
    const seen: string[] = [];
    let running = 0;
    let end = (): void => {};
    let fail = (_: unknown): void => {};
    const ended = new Promise<void>((resolve, reject) => {
      end = resolve;
      fail = reject;
    });
    const consumer = await runTaskConsumer({
      kafka: kafkaClient({ brokers: broker!.brokers }, PATIENT),
      topic,
      group: topic,
      sessionTimeoutMs: 6000,
      onMessage: async ({ value }) => {
        assert.equal(++running, 1, 'one at a time');
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        const text = value!.toString();
        if (text === 'a1' && !seen.includes('b3')) return 20;
        seen.push(text);
        if (text === last) setImmediate(end);
        return null;
      },
      onAssigned: () => {},
      onFailure: fail,
    });
    await ended;
    // what was done last is committed by now, or comes once more
    await consumer.stop(new Error('stopped'));
    return seen;
  }

  assert.deepEqual(await member('a2'), ['b1', 'b2', 'b3', 'a1', 'a2']);
  await send(1, 'b4');
  const again = await member('b4');
  assert.deepEqual(again.slice(again.indexOf('a2') + 1), ['b4']);
  assert.ok(again.length <= 2);
  await producer.disconnect();
});

test('what a handler throws ends the member with it', async (t) => {
  const broker = kafka.broker(t);
  if (broker === undefined) return;
  const topic = await kafka.topic(1);
  const producer = kafka.kafka().producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: 'x' }] });
  await producer.disconnect();
  const failed = await new Promise<unknown>((resolve, reject) => {
    runTaskConsumer({
      kafka: kafkaClient({ brokers: broker.brokers }, PATIENT),
      topic,
      group: topic,
      sessionTimeoutMs: 6000,
      onMessage: () => Promise.reject(new RangeError('for good')),
      onAssigned: () => {},
      onFailure: resolve,
    }).then((consumer) => t.after(() => consumer.stop(new Error('stopped'))), reject);
  });
  assert.ok(failed instanceof RangeError);
});
