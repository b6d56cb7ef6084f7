/** The topic that passages go to from `encode`, in order and patiently. */
import { type KafkaConnection, kafkaError } from '../kafka/client.ts';
import { Sender } from '../kafka/sender.ts';
import { slices } from '../kafka/slices.ts';
import { ensureTopics, type TopicSpec } from '../kafka/topics.ts';
import { patiently } from '../patience.ts';
import type { EncodeParts } from './encode.ts';
import { encodedBytes } from './encoded-passage.ts';

const MESSAGES_PER_SEND = 500;
const ROOM = 1 << 16; // for features and headers, bytes

export interface EncodedTopic {
  /** One send after the other: where one fails, what was sent before it may come again, but nothing is left out. */
  readonly send: EncodeParts['send'];
  close(): Promise<void>;
}

export interface EncodedTopicOptions extends KafkaConnection {
  readonly topic: string;
  /** Of the longest record that is taken. */
  readonly maxBytes: number;
  /** Ends the patience with a topic that takes nothing. */
  readonly signal: AbortSignal;
}

/** The topic as it is made where it does not exist: the text of the longest record must fit into it with its features. */
export function encodedTopic(topic: string, maxBytes: number): TopicSpec {
  return { topic, partitions: 1, maxBytes: maxBytes + ROOM };
}

/**
 * One partition: whoever segments reads the passages in one order, and which came before is told by it alone.
 * @throws CptError CPT_KAFKA where the topic cannot be made ready
 */
export async function openEncodedTopic({
  topic,
  maxBytes,
  signal,
  ...connection
}: EncodedTopicOptions): Promise<EncodedTopic> {
  await ensureTopics(connection, [encodedTopic(topic, maxBytes)]);
  const sender = new Sender(connection);
  const { logger } = connection;
  return {
    async send(messages) {
      for (const some of slices(messages, MESSAGES_PER_SEND, encodedBytes)) {
        const sent = some.map(({ value, headers }) => ({ value, headers: { ...headers }, partition: 0 }));
        await patiently(() => sender.send(topic, sent), {
          clock: () => performance.now() / 1000,
          signal,
          failed(error, seconds) {
            signal.throwIfAborted(); // what was not taken is read again
            const { message } = kafkaError(`The topic ${topic} does not take passages`, error);
            logger?.warn({ topic, seconds }, `${message}; reading is held back until it does`);
          },
          recovered: (seconds) => logger?.info({ topic, seconds }, 'passages are taken again'),
        });
      }
    },
    close: () => sender.close(),
  };
}
