/** The effects of the encode role, one method a step; `pipelines/encode.ts` says in which order they happen. */
import { type Features, featurize } from '../../domains/index.ts';
import type { CptEvent } from '../../events.ts';
import type { Accepted } from '../../stream/accept-records.ts';
import { type DecodeOptions, decodePassage } from '../../text/decode.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { FeatureSource } from '../encoder/feature-source.ts';
import type { FeedBatch, FeedRecord } from '../feed/feed.ts';
import { type EncodedMessage, toEncoded } from './encoded-passage.ts';

export interface EncodeParts {
  readonly lineage: string;
  readonly decode: DecodeOptions;
  readonly features: Pick<FeatureSource, 'of' | 'identity'>;
  readonly deadLetters: Pick<DeadLetters, 'append'>;
  /**
   * Sends messages to the topic that `segment` reads, all in order to the partition that stands for a partition of a
   * source; resolves when the brokers have them.
   */
  readonly send: (
    source: { readonly topic: string; readonly partition: number },
    messages: readonly EncodedMessage[],
  ) => Promise<void>;
}

export class Encode {
  readonly #parts: EncodeParts;

  constructor(parts: EncodeParts) {
    this.#parts = parts;
  }

  decode = (record: FeedRecord) => decodePassage(record, this.#parts.decode);

  features = async (texts: readonly string[]): Promise<readonly Features[]> =>
    (await this.#parts.features.of(texts)) ?? texts.map(featurize);

  /** All of a batch comes from one partition. */
  send = async function* (
    this: Encode,
    { batch, passages, records, rejected }: Accepted<FeedBatch, FeedRecord>,
  ): AsyncGenerator<CptEvent> {
    const { lineage, features, deadLetters, send } = this.#parts;
    await deadLetters.append(rejected);
    const [first] = records;
    if (first !== undefined) {
      const messages = passages.map(({ text, domain, time, features: made }, at) =>
        toEncoded({
          source: sourceOf(records[at]!),
          text,
          domain,
          time,
          features: made!,
          encoder: features.identity,
        }),
      );
      await send(sourceOf(first), messages);
    }
    for (const { record, reason } of rejected) {
      yield { event: 'DeadLetter', lineage, reason, position: record.position };
    }
    const bytes = batch.records.reduce((sum, record) => sum + record.size, 0);
    yield { event: 'PassagesRead', lineage, accepted: passages.length, bytes, lag: batch.lag };
  }.bind(this);
}

function sourceOf({ origin }: FeedRecord) {
  const { topic, partition, offset } = origin!; // the feed of this role is a topic
  return { topic, partition, offset: BigInt(offset) };
}
