/** Where a run's events go beside metrics and terminal: Kafka topics, where brokers are named. */
import type { FeedSetting } from './open-feed.ts';
import type { RunParts } from './parts.ts';

export interface Publisher {
  readonly publish: NonNullable<RunParts['publish']>;
  close(): Promise<void>;
}

/**
 * @param events `kafka://host:port[,host:port]`, or empty for none
 * @throws CptError CPT_KAFKA, CPT_CONFIG
 */
export async function openPublisher(
  events: string,
  setting: Pick<FeedSetting, 'kafka' | 'logger'>,
): Promise<Publisher | null> {
  if (events === '') return null;
  const { parseBrokersUrl } = await import('../kafka/url.ts');
  const { openKafkaPublisher } = await import('../kafka/publisher.ts');
  const { connectionOf } = await import('../kafka/connection.ts');
  const publisher = await openKafkaPublisher({
    brokers: parseBrokersUrl(events),
    ...connectionOf(setting),
  });
  return {
    publish: (event, id) => publisher.send({ ...event, id }),
    close: () => publisher.close(),
  };
}
