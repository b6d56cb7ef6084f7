import { BRIEF, type KafkaConnection, kafkaClient, kafkaError } from './client.ts';
import { fetchMarks, listTopics } from './marks.ts';

export interface TopicSpec {
  readonly topic: string;
  /** Default: the broker's (`num.partitions`). */
  readonly partitions?: number;
  /** Largest batch of records that it takes. Default: the broker's (`message.max.bytes`). */
  readonly maxBytes?: number;
}

/**
 * Creates the topics that do not exist, with the broker's default replication; existing ones stay as they are.
 * @throws CptError CPT_KAFKA where no broker answers or one may not be created
 */
export async function ensureTopics(connection: KafkaConnection, topics: readonly TopicSpec[]): Promise<void> {
  const admin = kafkaClient(connection, BRIEF).admin();
  try {
    await admin.connect();
    const existing = new Set(await listTopics(admin));
    const missing = topics.filter(({ topic }) => !existing.has(topic));
    if (missing.length === 0) return;
    // It gives false where another process was first, which is as good.
    await admin.createTopics({
      topics: missing.map(({ topic, partitions = -1, maxBytes }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: -1,
        ...(maxBytes === undefined
          ? {}
          : { configEntries: [{ name: 'max.message.bytes', value: String(maxBytes) }] }),
      })),
      waitForLeaders: false, // kafkajs throws where the broker has not heard of the new topic yet
    });
    for (const { topic } of missing) await fetchMarks(admin, topic); // its partitions are led now
  } catch (error) {
    const names = topics.map(({ topic }) => topic).join(', ');
    const where = connection.brokers.join(', ');
    throw kafkaError(`The topics ${names} cannot be made ready at ${where}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
