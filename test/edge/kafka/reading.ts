/** What tests of feeds share: messages are written with a plain client, and feeds are read to some point. */
import type { CompressionTypes, Kafka, Message } from 'kafkajs';
import type { Feed, FeedBatch, FeedOffsets, FeedRecord } from '../../../src/edge/feed/feed.ts';
import { type KafkaFeedOptions, openKafkaFeed } from '../../../src/edge/kafka/feed.ts';

export const text = (record: FeedRecord): string => Buffer.from(record.bytes ?? []).toString();

export type Produce = (
  topic: string,
  messages: (Message & { partition: number })[],
  compression?: CompressionTypes,
) => Promise<void>;

export const producing =
  (kafka: () => Kafka): Produce =>
  async (topic, messages, compression) => {
    const producer = kafka().producer({ idempotent: true, maxInFlightRequests: 1 }); // else a retry may write twice
    await producer.connect();
    for (let at = 0; at < messages.length; at += 500) {
      await producer.send({
        topic,
        messages: messages.slice(at, at + 500),
        ...(compression ? { compression } : {}),
      });
    }
    await producer.disconnect();
  };

export const numbered = (count: number, partitions: number) =>
  Array.from({ length: count }, (_, n) => ({ partition: n % partitions, value: `passage ${n}` }));

/** Opens, and closes whatever happens. */
export async function withFeed<R>(
  options: KafkaFeedOptions,
  from: FeedOffsets | null,
  use: (feed: Feed) => Promise<R>,
): Promise<R> {
  const feed = await openKafkaFeed(options)(from);
  try {
    return await use(feed);
  } finally {
    await feed.close();
  }
}

/** Reads until the end or until `enough` says so. */
export async function collect(feed: Feed, enough: (records: FeedRecord[]) => boolean = () => false) {
  const records: FeedRecord[] = [];
  let last: FeedBatch | null = null;
  while (!enough(records)) {
    const batch = await feed.read();
    if (batch === null) return { records, last, ended: true };
    records.push(...batch.records);
    last = batch;
  }
  return { records, last, ended: false };
}

/** Stored offsets of a topic's partitions from 0 on. */
export const offsets = (topic: string, ...next: string[]): FeedOffsets =>
  Object.fromEntries(next.map((offset, partition) => [`${topic}/${partition}`, offset]));
