/** From a Kafka message to a record of a feed. Nothing in a message can make this throw. */
import type { KafkaMessage } from 'kafkajs';
import { DECODE_DEFAULTS, type DecodeOptions } from '../../text/decode.ts';
import { headerOf, inTime, parseTime } from '../../text/mapping.ts';
import type { FeedRecord } from '../feed/feed.ts';
import { nameOf, type Place, partsOf } from './place.ts';

/** Longer than any valid name of a domain (200 bytes), so that a cut name can never look like a valid one. */
const MAX_TEXT_BYTES = 300;
const utf8 = new TextDecoder('utf-8');

/** Longer payloads are cut to their beginning; the rest says what is read of headers and keys, see `MappingOptions`. */
export type RecordOptions = Pick<DecodeOptions, 'maxBytes' | 'domainFrom' | 'timeFrom' | 'languageFrom'>;

/** @param message as kafkajs gives it; its header values may be bytes, strings, lists of both, or absent */
export function toRecord(
  place: Place,
  message: Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'headers' | 'timestamp'>,
  { maxBytes, domainFrom, timeFrom, languageFrom }: RecordOptions = DECODE_DEFAULTS,
): FeedRecord {
  const { topic, partition } = partsOf(place);
  const { key, value, offset, headers = {} } = message;
  const domain =
    domainFrom === 'key' ? textOf(key) : headerText(headers, headerOf(domainFrom || 'header:domain'));
  const language = headerText(headers, headerOf(languageFrom));
  const time = parseTime(headerText(headers, headerOf(timeFrom))) ?? timestampOf(message);
  return {
    bytes: value !== null && value.length > maxBytes ? value.subarray(0, maxBytes) : value,
    size: value?.length ?? 0,
    position: `${nameOf(place)}@${offset}`,
    ...(domain === undefined ? {} : { domain }),
    ...(language === undefined ? {} : { language }),
    ...(time === undefined ? {} : { time }),
    origin: { topic, partition, offset, key: key ?? null, headers, value },
  };
}

/** What the producer or the broker wrote; -1 is none, and one of the far future a hostile producer's. */
function timestampOf({ timestamp }: Pick<KafkaMessage, 'timestamp'>): number | undefined {
  return inTime(Number(timestamp) / 1000);
}

/** The last value under `name`, as Kafka's own clients read it. */
function headerText(headers: NonNullable<KafkaMessage['headers']>, name: string | null): string | undefined {
  if (name === null || !Object.hasOwn(headers, name)) return undefined;
  const all = headers[name];
  return textOf(Array.isArray(all) ? all.at(-1) : all);
}

/**
 * Its beginning; nothing where it is empty. Bytes that are no UTF-8 come out as U+FFFD, which no domain name holds:
 * such a record becomes a dead letter and not a passage without a domain.
 */
function textOf(value: Buffer | string | null | undefined): string | undefined {
  if (value === undefined || value === null || value.length === 0) return undefined;
  if (typeof value === 'string') return value.slice(0, MAX_TEXT_BYTES);
  return Buffer.isBuffer(value) ? utf8.decode(value.subarray(0, MAX_TEXT_BYTES)) : undefined;
}
