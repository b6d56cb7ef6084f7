/** From a Kafka message to a record of a feed. Nothing in a message can make this throw. */
import type { KafkaMessage } from 'kafkajs';
import type { FeedRecord } from '../feed/feed.ts';
import { nameOf, type Place, partsOf } from './place.ts';

/** Longer than any valid name (200 bytes), so that a cut name can never look like a valid one. */
const MAX_DOMAIN_BYTES = 300;
const utf8 = new TextDecoder('utf-8');

export interface RecordOptions {
  /** A longer payload is cut to its beginning, bytes. */
  readonly maxRecordBytes: number;
  /** The header that may name the record's domain. */
  readonly domainHeader: string;
}

/** @param message as kafkajs gives it; its header values may be bytes, strings, lists of both, or absent */
export function toRecord(
  place: Place,
  message: Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'headers' | 'timestamp'>,
  options: RecordOptions,
): FeedRecord {
  const { topic, partition } = partsOf(place);
  const { key, value, offset, headers = {} } = message;
  const { maxRecordBytes, domainHeader } = options;
  const time = Number(message.timestamp) / 1000; // -1 where the producer gave none
  const domain = headerText(message.headers, domainHeader);
  return {
    bytes: value !== null && value.length > maxRecordBytes ? value.subarray(0, maxRecordBytes) : value,
    size: value?.length ?? 0,
    position: `${nameOf(place)}@${offset}`,
    ...(domain === undefined ? {} : { domain }),
    ...(time >= 0 ? { time } : {}),
    origin: { topic, partition, offset, key: key ?? null, headers, value },
  };
}

/**
 * The last value under `name`, as Kafka's own clients read it. Bytes that are no UTF-8 come out as U+FFFD, which
 * no domain name holds: such a record becomes a dead letter and not a passage without a domain.
 */
function headerText(headers: KafkaMessage['headers'], name: string): string | undefined {
  if (headers === undefined || !Object.hasOwn(headers, name)) return undefined;
  const all = headers[name];
  const last = Array.isArray(all) ? all.at(-1) : all;
  if (last === undefined || last === null || last.length === 0) return undefined;
  if (typeof last === 'string') return last.slice(0, MAX_DOMAIN_BYTES);
  return Buffer.isBuffer(last) ? utf8.decode(last.subarray(0, MAX_DOMAIN_BYTES)) : undefined;
}
