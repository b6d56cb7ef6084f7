/** The effects of the encode role, one method a step; `pipelines/encode.ts` says in which order they happen. */
import { type Features, featurize } from '../../domains/index.ts';
import type { CptEvent } from '../../events.ts';
import type { Accepted } from '../../stream/accept-records.ts';
import { type DecodeOptions, decodePassage } from '../../text/decode.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { FeatureSource } from '../encoder/feature-source.ts';
import type { FeedBatch, FeedRecord } from '../feed/feed.ts';
import { read } from '../run/told.ts';
import { type EncodedMessage, toEncoded } from './encoded-passage.ts';

export interface EncodeParts {
  readonly lineage: string;
  readonly decode: DecodeOptions;
  readonly features: Pick<FeatureSource, 'of' | 'identity'>;
  readonly deadLetters: Pick<DeadLetters, 'append'>;
  /** Sends messages in order to the topic that `segment` reads; resolves when the brokers have them. */
  readonly send: (messages: readonly EncodedMessage[]) => Promise<void>;
}

export class Encode {
  readonly #parts: EncodeParts;

  constructor(parts: EncodeParts) {
    this.#parts = parts;
  }

  decode = (record: FeedRecord) => decodePassage(record, this.#parts.decode);

  features = async (texts: readonly string[]): Promise<readonly Features[]> =>
    (await this.#parts.features.of(texts)) ?? texts.map(featurize);

  send = async function* (this: Encode, accepted: Accepted<FeedBatch, FeedRecord>): AsyncGenerator<CptEvent> {
    const { lineage, features, deadLetters, send } = this.#parts;
    const { passages, records, rejected } = accepted;
    await deadLetters.append(rejected);
    const messages = passages.map(({ text, domain, time, features: made }, at) => {
      const source = sourceOf(records[at]!);
      return toEncoded({ source, text, domain, time, features: made!, encoder: features.identity });
    });
    if (messages.length > 0) await send(messages);
    yield* read(lineage, accepted);
  }.bind(this);
}

function sourceOf({ origin }: FeedRecord) {
  const { topic, partition, offset } = origin!; // the feed of this role is a topic
  return { topic, partition, offset: BigInt(offset) };
}
