/** The role `segment`: a run that reads what `encode` made, and hands closed domains to the trainers of other machines. */
import { DECODE_DEFAULTS, type DecodeOptions } from '../../text/decode.ts';
import type { KafkaLogger } from '../kafka/client.ts';
import { connectionOf } from '../kafka/connection.ts';
import { openKafkaFeed } from '../kafka/feed.ts';
import type { KafkaLogin } from '../kafka/login-options.ts';
import { Sender } from '../kafka/sender.ts';
import { TASK_PARTITIONS, toTaskMessage } from '../kafka/task-message.ts';
import { ensureTopics } from '../kafka/topics.ts';
import { parseOneTopicUrl, parseTopicUrl } from '../kafka/url.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import type { RunRole } from '../run/open-run.ts';
import { openEncodedFeed } from './encoded-feed.ts';
import { encodedTopic } from './encoded-topic.ts';
import { handOver } from './hand-over.ts';

export interface SegmentRole {
  readonly lineage: string;
  /** `kafka://host:port/topic` that `encode` writes. */
  readonly encoded: string;
  /** `kafka://host:port/topic` where closed domains wait for a trainer. */
  readonly tasks: string;
  readonly store: ObjectStore;
  /** End at what the topic holds now. */
  readonly once: boolean;
  readonly decode: Pick<DecodeOptions, 'maxBytes'>;
  readonly kafka: KafkaLogin;
  readonly logger?: KafkaLogger;
}

export interface OpenedSegmentRole extends Required<RunRole> {
  close(): Promise<void>;
}

/** @throws CptError CPT_KAFKA where the topics cannot be made ready */
export async function openSegmentRole(role: SegmentRole): Promise<OpenedSegmentRole> {
  const { lineage, store, once, decode, logger } = role;
  const connection = connectionOf(role);
  const { brokers, topic } = parseOneTopicUrl(role.tasks); // of which trainers may name their group
  const tasks = { brokers, topic, ...connection };
  const encoded = { ...parseTopicUrl(role.encoded), ...connection };
  await ensureTopics(tasks, [{ topic: tasks.topic, partitions: TASK_PARTITIONS }]);
  await ensureTopics(encoded, [encodedTopic(encoded.topic, decode.maxBytes)]);
  const sender = new Sender(tasks);
  const feed = openKafkaFeed({
    ...encoded,
    group: `cpt-segment-${lineage}`,
    untilEnd: once,
    record: { ...DECODE_DEFAULTS, maxBytes: decode.maxBytes }, // the rest is in the headers of `encode`
  });
  return {
    openFeed: (encoder) => openEncodedFeed(feed, encoder),
    startTrainer: () =>
      handOver({
        lineage,
        store,
        send: (message) => sender.send(tasks.topic, [toTaskMessage(message)]),
        clock: () => performance.now() / 1000,
        ...(logger === undefined ? {} : { logger }),
      }),
    close: () => sender.close(),
  };
}
