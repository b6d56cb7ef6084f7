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
    await admin.createTopics({
      // false where another process was first, which is as good
      topics: missing.map(({ topic, partitions = -1 }) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: -1,
      })),
      waitForLeaders: true,
    });
  } catch (error) {
    const names = topics.map(({ topic }) => topic).join(', ');
    throw kafkaError(`The topics ${names} cannot be made ready at ${connection.brokers.join(', ')}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
