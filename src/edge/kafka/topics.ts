import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { BRIEF, type KafkaConnection, kafkaClient, kafkaError } from './client.ts';

export interface TopicSpec {
  readonly topic: string;
  /** Default: the broker's (`num.partitions`). */
  readonly partitions?: number;
}

/**
 * Creates the topics that do not exist, with the broker's default replication; existing ones stay as they are.
 * @throws CptError CPT_KAFKA where no broker answers or one may not be created
 */
export async function ensureTopics(connection: KafkaConnection, topics: readonly TopicSpec[]): Promise<void> {
  const admin = kafkaClient(connection, BRIEF).admin();
  try {
    await admin.connect();
    const existing = new Set(await admin.listTopics());
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return;
    // It gives false where another process was first, which is as good.
    await admin.createTopics({
      topics: missing.map(({ topic, partitions = -1 }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: -1,
      })),
      waitForLeaders: false, // kafkajs throws where the broker has not heard of the new topic yet
    });
    await leaders(
      admin,
      missing.map(({ topic }) => topic),
    );
  } catch (error) {
    const names = topics.map(({ topic }) => topic).join(', ');
    const where = connection.brokers.join(', ');
    throw kafkaError(`The topics ${names} cannot be made ready at ${where}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

async function leaders(admin: Admin, topics: string[]): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const metadata = await admin.fetchTopicMetadata({ topics }).catch(() => undefined);
    if (metadata?.topics.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return;
    await sleep(100);
  }
  throw new CptError('CPT_KAFKA', `No broker leads the new topics ${topics.join(', ')} after 10 s.`, {
    retryable: true,
  });
}
