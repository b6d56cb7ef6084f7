/** The feed that a setting names. */
import type { DecodeOptions } from '../../text/decode.ts';
import type { OpenFeed } from '../feed/feed.ts';
import { openFileFeed } from '../feed/file.ts';
import type { KafkaLogger } from '../kafka/client.ts';
import type { KafkaLogin } from '../kafka/login-options.ts';
import type { ReadingOptions } from '../kafka/reading-options.ts';

export interface FeedSetting {
  /** A file, `-` or `kafka://host:port/topic`, see `parseFeedUrl`. */
  readonly feed: string;
  /** End at what a live feed holds now. */
  readonly once: boolean;
  readonly decode: DecodeOptions;
  readonly lineage: string;
  readonly kafka: KafkaLogin;
  readonly reading: ReadingOptions;
  /** Topic that dead letters go to, a URL or empty: no pattern matches it. */
  readonly deadLetters: string;
  readonly logger?: KafkaLogger;
}

/** kafkajs is loaded only where a topic is read. */
export async function feedOf(setting: FeedSetting): Promise<OpenFeed> {
  const { feed, once, decode, lineage, reading, deadLetters, logger } = setting;
  if (!feed.startsWith('kafka://')) return openFileFeed(feed, { maxBytes: decode.maxBytes });
  const { parseFeedUrl, parseTopicUrl } = await import('../kafka/url.ts');
  const { openKafkaFeed } = await import('../kafka/feed.ts');
  const { connectionOf } = await import('../kafka/connection.ts');
  const { untilEnd, ...place } = parseFeedUrl(feed);
  const { framedOf, openFramedFeed } = await import('../kafka/schemas/framed.ts');
  const framed = await framedOf(reading, logger);
  const open = openKafkaFeed({
    group: `cpt-stream-${lineage}`,
    ...place,
    ...connectionOf(setting),
    onLost: reading.onLost,
    never: deadLetters === '' ? [] : [parseTopicUrl(deadLetters).topic],
    untilEnd: once || untilEnd === true,
    record: decode,
  });
  return framed === null ? open : openFramedFeed(open, framed);
}
