/** The harness's own ways to a topic, independent of the code under test. */
import { type Admin, type IHeaders, Kafka, logLevel, type Message, type Producer } from 'kafkajs';

export interface Sent {
  readonly key: string;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

export class Topics {
  readonly kafka: Kafka;
  readonly #producer: Producer;
  readonly #admin: Admin;

  constructor(brokers: readonly string[]) {
    process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
    const retry = { retries: 100, maxRetryTime: 1000 };
    this.kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING, retry });
    this.#producer = this.kafka.producer({ idempotent: true, maxInFlightRequests: 1, retry });
    this.#admin = this.kafka.admin();
  }

  async open(topics: Readonly<Record<string, number>>): Promise<void> {
    await this.#admin.connect();
    await this.#admin.createTopics({
      topics: Object.entries(topics).map(([topic, numPartitions]) => ({ topic, numPartitions })),
    });
    await this.#producer.connect();
  }

  async send(topic: string, messages: Message[]): Promise<void> {
    for (let at = 0; at < messages.length; at += 1000) {
      await this.#producer.send({ topic, acks: -1, messages: messages.slice(at, at + 1000) });
    }
  }

  async count(topic: string): Promise<number> {
    const offsets = await this.#admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
  }

  /** All that a topic holds. */
  async read(topic: string): Promise<Sent[]> {
    const wanted = await this.count(topic);
    const all: Sent[] = [];
    if (wanted === 0) return all;
    const consumer = this.kafka.consumer({ groupId: `${topic}-verdict` });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message: { key, value, headers } }) => {
          all.push({ key: String(key), value, headers: textsOf(headers) });
          if (all.length === wanted) resolve();
        },
      });
    });
    await consumer.disconnect();
    return all;
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
    await this.#admin.disconnect();
  }
}

function textsOf(headers: IHeaders = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
