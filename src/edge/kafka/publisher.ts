/** Tells downstream consumers of closed domains and new checkpoints, on two Kafka topics. */
import type { Producer, RetryOptions } from 'kafkajs';
import type { CptEvent } from '../../events.ts';
import { type KafkaConnection, kafkaClient, kafkaError } from './client.ts';
import { CLOUD_EVENT_CONTENT_TYPE, type EventIdentity, isPublic, toCloudEvent } from './cloud-event.ts';
import { ensureTopics } from './topics.ts';

export interface EventTopics {
  /** CheckpointPublished and CheckpointWithdrawn. Default `cpt.checkpoints`. */
  readonly checkpoints: string;
  /** DomainClosed and DriftDetected. Default `cpt.events`. */
  readonly events: string;
}

export const EVENT_TOPICS: EventTopics = Object.freeze({
  checkpoints: 'cpt.checkpoints',
  events: 'cpt.events',
});

export interface KafkaPublisherOptions extends KafkaConnection {
  readonly topics?: Partial<EventTopics>;
}

export interface KafkaPublisher {
  /**
   * Resolves when the broker has the event on all its in-sync replicas; events that are not public are passed
   * over. Key: the lineage, so that a lineage's events stay in order.
   * @throws CptError CPT_KAFKA, retryable, after about a minute without a broker; sending the same event again is
   * harmless, as its `id` tells.
   */
  send(event: CptEvent & EventIdentity): Promise<void>;
  close(): Promise<void>;
}

/** About a minute. */
const RETRY: RetryOptions = { retries: 35, initialRetryTime: 100, maxRetryTime: 2000 };

/** @throws CptError CPT_KAFKA where no broker answers or the topics cannot be made */
export async function openKafkaPublisher(options: KafkaPublisherOptions): Promise<KafkaPublisher> {
  const topics = { ...EVENT_TOPICS, ...options.topics };
  await ensureTopics(options, [{ topic: topics.checkpoints }, { topic: topics.events }]);
  const kafka = kafkaClient(options, RETRY);
  let producer: Producer | undefined;

  const connected = async (): Promise<Producer> => {
    if (producer === undefined) {
      const fresh = kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        retry: RETRY,
      });
      await fresh.connect();
      producer = fresh;
    }
    return producer;
  };

  return {
    async send(event) {
      if (!isPublic(event)) return;
      const topic = event.event.startsWith('Checkpoint') ? topics.checkpoints : topics.events;
      const value = JSON.stringify(toCloudEvent(event));
      const headers = { 'content-type': CLOUD_EVENT_CONTENT_TYPE };
      try {
        const open = await connected();
        await open.send({ topic, acks: -1, messages: [{ key: event.lineage, value, headers }] });
      } catch (error) {
        // After a failure its sequence numbers may be off for good; the next send starts with a new producer.
        const broken = producer;
        producer = undefined;
        await broken?.disconnect().catch(() => {});
        throw kafkaError(`${event.event} could not be published to ${topic}`, error);
      }
    },
    async close() {
      await producer?.disconnect().catch(() => {});
    },
  };
}
