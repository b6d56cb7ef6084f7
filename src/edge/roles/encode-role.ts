/** The role `encode`: members of one group divide a feed's partitions among them, and make passages of its records. */

import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { drain } from '../../stream/drain.ts';
import { openFeatures } from '../encoder/feature-source.ts';
import type { FeedBatch } from '../feed/feed.ts';
import { kafkaClient, PATIENT } from '../kafka/client.ts';
import { connectionOf } from '../kafka/connection.ts';
import { joinGroup } from '../kafka/member.ts';
import { placeOf } from '../kafka/place.ts';
import { toRecord } from '../kafka/record.ts';
import { framedOf } from '../kafka/schemas/framed.ts';
import { namesOf } from '../kafka/selection.ts';
import { parseFeedUrl, parseTopicUrl } from '../kafka/url.ts';
import { type DeadLetterSetting, deadLettersOf } from '../run/open-dead-letters.ts';
import type { FeedSetting } from '../run/open-feed.ts';
import { Encode } from './encode.ts';
import { openEncodedTopic } from './encoded-topic.ts';

export interface EncodeRole extends Omit<FeedSetting, 'once'>, DeadLetterSetting {
  /** `kafka://host:port/topic` that the passages go to. */
  readonly encoded: string;
  /** Folder of the sentence encoder, null where passages are told apart by their words. */
  readonly encoder: string | null;
  /** Seconds without a sign of life after which the partitions of a member go to others. */
  readonly session: number;
  /** What becomes of a batch; see `pipelines/encode.ts`. */
  readonly pipeline: (encode: Encode, batch: FeedBatch) => Parameters<typeof drain<CptEvent>>[0];
  readonly emit: (event: CptEvent) => void;
  /** It is a member of the group. */
  readonly onJoined: () => void;
  /** Ends it, once the batch in hand is sent and committed. */
  readonly signal: AbortSignal;
}

/** Runs until the signal. @throws CptError CPT_KAFKA, CPT_ENCODER */
export async function runEncodeRole(role: EncodeRole): Promise<void> {
  const { lineage, logger, emit, signal } = role;
  const connection = connectionOf(role);
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const features = await openFeatures(role.encoder);
    closing.push(() => features.close());
    const deadLetters = await deadLettersOf(role, '', 0);
    closing.push(() => deadLetters.close());
    const { send, close } = await openEncodedTopic({
      ...parseTopicUrl(role.encoded),
      ...connection,
      maxBytes: role.decode.maxBytes,
      signal,
    });
    closing.push(close);
    const encode = new Encode({ lineage, decode: role.decode, features, deadLetters, send });
    const { brokers, topic, group = `cpt-encode-${lineage}` } = parseFeedUrl(role.feed);
    const topics = namesOf(topic);
    if (topics === null) {
      throw new CptError('CPT_CONFIG', 'The role encode reads topics by their names, not by a pattern.', {
        hint: 'List them in --feed: kafka://host:port/topic,topic.',
      });
    }
    const framed = await framedOf(role.reading, logger);
    const waiting = new Map<string, number>();
    const member = await joinGroup({
      kafka: kafkaClient({ brokers, ...connection }, PATIENT),
      topics: [...topics],
      group,
      sessionTimeoutMs: role.session * 1000,
      logger,
      async handle(portion) {
        waiting.set(`${portion.topic}/${portion.partition}`, portion.waiting);
        const lag = [...waiting.values()].reduce((sum, records) => sum + records, 0);
        const place = placeOf(portion.topic, portion.partition);
        const records = portion.messages.map((message) => toRecord(place, message, role.decode));
        const batch = { records: (await framed?.decode(records)) ?? records, offsets: {}, lag };
        await drain(role.pipeline(encode, batch), emit, NEVER);
      },
    });
    closing.push(() => member.stop());
    closing.push(async () => framed?.close());
    role.onJoined();
    await Promise.race([member.ended, aborted(signal)]);
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

const NEVER = new AbortController().signal;

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
