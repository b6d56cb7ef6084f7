/** A topic of one partition, filled once for all that reads it. */
import { BRIEF, kafkaClient } from '../../src/edge/kafka/client.ts';
import { ensureTopics } from '../../src/edge/kafka/topics.ts';
import { passageMaker } from './passages.ts';

const BATCH_BYTES = 500_000; // of passages; a broker takes 1 MB at once

export interface Topic {
  readonly brokers: string[];
  readonly topic: string;
  readonly passages: number;
}

/** One partition: the order of the passages, and with it what is cut, is the same in every run. */
export async function fillTopic(filled: Topic, seed: string, bytes: number): Promise<void> {
  const { brokers, topic, passages } = filled;
  await ensureTopics({ brokers }, [{ topic, partitions: 1 }]);
  const producer = kafkaClient({ brokers }, BRIEF).producer();
  await producer.connect();
  const next = passageMaker(seed, bytes);
  const most = Math.ceil(BATCH_BYTES / bytes);
  for (let sent = 0; sent < passages; sent += most) {
    const messages = Array.from({ length: Math.min(most, passages - sent) }, (_, at) => ({
      value: JSON.stringify({ text: next(), n: sent + at }),
    }));
    await producer.send({ topic, messages });
  }
  await producer.disconnect();
}

export async function dropTopic({ brokers, topic }: Topic): Promise<void> {
  const admin = kafkaClient({ brokers }, BRIEF).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
}
