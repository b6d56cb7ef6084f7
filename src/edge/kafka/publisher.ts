/** Tells downstream consumers of closed domains and new checkpoints, on two Kafka topics. */
import type { CptEvent } from '../../events.ts';
import { type KafkaConnection, kafkaError } from './client.ts';
import { CLOUD_EVENT_CONTENT_TYPE, type EventIdentity, isPublic, toCloudEvent } from './cloud-event.ts';
import { Sender } from './sender.ts';
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
   * @throws CptError CPT_KAFKA after some seconds without a broker; sending the same event again is harmless, as its
   * `id` tells. CPT_INTERRUPTED once it is closed.
   */
  send(event: CptEvent & EventIdentity): Promise<void>;
  close(): Promise<void>;
}

/** @throws CptError CPT_KAFKA where no broker answers or the topics cannot be made */
export async function openKafkaPublisher(options: KafkaPublisherOptions): Promise<KafkaPublisher> {
  const topics = { ...EVENT_TOPICS, ...options.topics };
  await ensureTopics(options, [{ topic: topics.checkpoints }, { topic: topics.events }]);
  const sender = new Sender(options);
  return {
    async send(event) {
      if (!isPublic(event)) return;
      const topic = event.event.startsWith('Checkpoint') ? topics.checkpoints : topics.events;
      const value = JSON.stringify(toCloudEvent(event));
      const headers = { 'content-type': CLOUD_EVENT_CONTENT_TYPE };
      try {
        await sender.send(topic, [{ key: event.lineage, value, headers }]);
      } catch (error) {
        throw kafkaError(`${event.event} could not be published to ${topic}`, error);
      }
    },
    close: () => sender.close(),
  };
}
