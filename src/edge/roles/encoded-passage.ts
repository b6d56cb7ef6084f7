/**
 * A passage on its way from `encode` to `segment`, one Kafka message each: the value is its text, headers carry the
 * rest. `cpt-source` says which record it was made of, so that `segment` can tell what comes a second time.
 */
import { BUCKETS, type Features, fromCounts } from '../../domains/index.ts';

export interface SourcePosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

export interface EncodedPassage {
  readonly source: SourcePosition;
  readonly text: string;
  /** The domain that the record named, or null. */
  readonly domain: string | null;
  /** Seconds since 1970 by the feed's clock, or null. */
  readonly time: number | null;
  readonly features: Features;
  /** What made the features; see `FeatureSource.identity`. */
  readonly encoder: string;
}

export interface EncodedMessage {
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, Buffer | string>>;
}

/** What is read of a message; header values as kafkajs gives them. */
export interface EncodedParts {
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, unknown>>;
}

const ROW = 3; // bytes: a bucket in 16 bits, little-endian, and its count

export function toEncoded({ source, text, domain, time, features, encoder }: EncodedPassage): EncodedMessage {
  const { topic, partition, offset } = source;
  return {
    value: Buffer.from(text),
    headers: {
      'cpt-source': `${topic}/${partition}/${offset}`,
      'cpt-encoder': encoder,
      'cpt-features': packed(features),
      ...(domain === null ? {} : { 'cpt-domain': domain }),
      ...(time === null ? {} : { 'cpt-time': String(time) }),
    },
  };
}

/** What it takes in a batch of messages, at the most. */
export function encodedBytes({ value, headers }: EncodedMessage): number {
  const own = Object.entries(headers).map(([name, content]) => name.length + Buffer.byteLength(content) + 10);
  return own.reduce((sum, bytes) => sum + bytes, value.byteLength + 40);
}

/** @returns what is wrong with it, a phrase, where it was not made by `toEncoded` */
export function parseEncoded({ value, headers }: EncodedParts): EncodedPassage | string {
  if (value === null) return 'it has no value';
  const source = parseSource(textOf(headers, 'cpt-source'));
  if (source === null) return 'its header cpt-source is no topic/partition/offset';
  const encoder = textOf(headers, 'cpt-encoder');
  if (encoder === null || encoder === '') return 'it has no header cpt-encoder';
  const features = unpacked(bytesOf(headers, 'cpt-features'));
  if (features === null) return 'its header cpt-features is not ascending buckets with their counts';
  const time = textOf(headers, 'cpt-time');
  if (time !== null && !/^\d{1,12}(?:\.\d{1,9})?$/.test(time)) return 'its header cpt-time is no time';
  return {
    source,
    text: Buffer.from(value).toString(),
    domain: textOf(headers, 'cpt-domain'),
    time: time === null ? null : Number(time),
    features,
    encoder,
  };
}

function packed({ bucket, count }: Features): Buffer {
  const bytes = Buffer.alloc(ROW * bucket.length);
  for (let k = 0; k < bucket.length; k++) {
    bytes.writeUInt16LE(bucket[k]!, ROW * k);
    bytes[ROW * k + 2] = count[k]!;
  }
  return bytes;
}

function unpacked(bytes: Buffer | null): Features | null {
  if (bytes === null || bytes.length % ROW !== 0 || bytes.length > ROW * BUCKETS) return null;
  const size = bytes.length / ROW;
  const bucket = new Uint16Array(size);
  const count = new Uint8Array(size);
  for (let k = 0; k < size; k++) {
    bucket[k] = bytes.readUInt16LE(ROW * k);
    count[k] = bytes[ROW * k + 2]!;
    if (bucket[k]! >= BUCKETS || count[k] === 0 || (k > 0 && bucket[k]! <= bucket[k - 1]!)) return null;
  }
  return fromCounts(bucket, count);
}

const SOURCE = /^([a-zA-Z0-9._-]{1,249})\/(\d{1,9})\/(\d{1,19})$/;

function parseSource(text: string | null): SourcePosition | null {
  const [, topic, partition, offset] = SOURCE.exec(text ?? '') ?? [];
  if (topic === undefined || partition === undefined || offset === undefined) return null;
  return { topic, partition: Number(partition), offset: BigInt(offset) };
}

function textOf(headers: EncodedParts['headers'], name: string): string | null {
  return bytesOf(headers, name)?.toString() ?? null;
}

/** The header's one value; null where it is absent or there are several. */
function bytesOf(headers: EncodedParts['headers'], name: string): Buffer | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (typeof value === 'string') return Buffer.from(value);
  return Buffer.isBuffer(value) ? value : null;
}
