/**
 * From a record as it came to the passage in it, or to the reason why there is none. Nothing here throws: one
 * bad record must not stop its neighbours.
 */
import type { DeadLetterReason } from '../errors.ts';
import { kindOf, parseDomainName } from './domain-name.ts';
import { fieldOf, isForeign, MAPPING_DEFAULTS, type MappingOptions, parseTime } from './mapping.ts';
import { utf8Fault } from './utf8.ts';

/**
 * `jsonl`: every record is a JSON object; `text`: every record is the passage itself; `auto`: a record whose
 * first character that is not white space is `{` is JSON, any other is text, each decided by itself.
 */
export type FeedFormat = 'auto' | 'jsonl' | 'text';

export interface DecodeOptions extends MappingOptions {
  readonly format: FeedFormat;
  /** Where a JSON record has its text: a key, or keys joined by dots (`review.body`, `parts.0.text`). */
  readonly textField: string;
  /** Where a JSON record may name its domain, in the same way; empty: nowhere. Only without `domainFrom`. */
  readonly domainField: string;
  /** A record with more bytes is put aside, whatever it holds. */
  readonly maxBytes: number;
}

export const DECODE_DEFAULTS: DecodeOptions = Object.freeze({
  format: 'auto',
  textField: 'text',
  domainField: 'domain',
  maxBytes: 1 << 20,
  ...MAPPING_DEFAULTS,
});

export interface RawRecord {
  /** The payload or its beginning; null for a tombstone. */
  readonly bytes: Uint8Array | null;
  /** Bytes of the whole payload. */
  readonly size: number;
  /** The domain that the record's headers or its key name; it goes before one in the payload. */
  readonly domain?: string;
  /** The language that its headers name. */
  readonly language?: string;
  /** In place of what the bytes would be parsed to. */
  readonly decoded?: DecodedValue;
}

/** What a schema made of a record's bytes, or why it could not. */
export type DecodedValue = { readonly value: unknown } | { readonly fault: string };

/** Why a record that may well hold a passage is left out; it is no dead letter. */
export type SkipReason = 'language';

export type Decoded =
  | {
      readonly ok: true;
      readonly text: string;
      readonly domain: string | null;
      /** Seconds since 1970, where the payload tells it. */
      readonly time?: number;
    }
  | { readonly ok: false; readonly reason: SkipReason; readonly detail: string }
  | { readonly ok: false; readonly reason: DeadLetterReason; readonly detail: string };

const MAX_DETAIL = 200;
const VISIBLE = /[^\p{White_Space}\p{Cc}\p{Cf}]/u;
const LONE_SURROGATE = /\p{Surrogate}/u; // with the u flag a pair is one character and does not match
const decoder = new TextDecoder('utf-8', { fatal: true }); // also takes a byte-order mark off

/**
 * Decodes one record. The text is kept as it is but for white space at its two ends; it is not normalised.
 * A surrogate without its pair, which only a JSON escape can bring, counts as invalid UTF-8: it has no bytes, so
 * neither the tokenizer nor a file could give it back. A text of nothing but white space, control and format
 * characters is empty. A NUL byte anywhere in the record, or an escaped one in the text, is refused: text has
 * none, and a record with one is binary, UTF-16 or a block that a disk lost.
 */
export function decodePassage(record: RawRecord, options: Partial<DecodeOptions> = {}): Decoded {
  const all = { ...DECODE_DEFAULTS, ...options };
  const { format, maxBytes, languages } = all;
  const { bytes, size } = record;
  if (bytes === null) return refuse('tombstone', 'the record has no payload');
  if (size > maxBytes) return refuse('oversized', `${size} bytes, ${maxBytes} are allowed`);
  if (bytes.length < size) return refuse('oversized', `${size} bytes, the feed read ${bytes.length} of them`);
  if (record.decoded !== undefined) {
    if ('fault' in record.decoded) return refuse('invalid_schema', record.decoded.fault);
    const { value } = record.decoded;
    return typeof value === 'string' ? plain(value, record, languages) : structured(value, record, all);
  }
  let payload: string;
  try {
    payload = decoder.decode(bytes);
  } catch {
    return refuse('invalid_utf8', utf8Fault(bytes));
  }
  const nul = payload.indexOf('\0');
  if (nul >= 0) return refuse('nul_bytes', `NUL at character ${nul}`);
  const trimmed = payload.trim();
  if (trimmed === '') return refuse('empty_text', 'the record is empty');

  const isJson = format === 'jsonl' || (format === 'auto' && trimmed.startsWith('{'));
  if (!isJson) return plain(trimmed, record, languages);

  let json: unknown;
  try {
    json = JSON.parse(trimmed);
  } catch (error) {
    return refuse('invalid_json', error instanceof Error ? error.message : String(error));
  }
  return structured(json, record, all);
}

function plain(text: string, { language, domain }: RawRecord, languages: string): Decoded {
  return isForeign(language, languages) ? foreign(language) : passage(text, domain);
}

function structured(json: unknown, record: RawRecord, options: DecodeOptions): Decoded {
  const { textField, languages, ...from } = options;
  if (kindOf(json) !== 'an object') return refuse('missing_text', `${kindOf(json)}, not an object`);
  const language = record.language ?? found(json, fieldOf(from.languageFrom));
  if (isForeign(language, languages)) return foreign(language);
  const text = at(json, textField);
  if (text === undefined) return refuse('missing_text', `no field ${JSON.stringify(textField)}`);
  if (typeof text !== 'string') {
    return refuse('missing_text', `field ${JSON.stringify(textField)} is ${kindOf(text)}, not a string`);
  }
  const domainField = from.domainFrom === '' ? from.domainField || null : fieldOf(from.domainFrom);
  const decoded = passage(text, record.domain ?? found(json, domainField));
  const time = parseTime(found(json, fieldOf(from.timeFrom)));
  return decoded.ok && time !== undefined ? { ...decoded, time } : decoded;
}

function foreign(language: unknown): Decoded {
  return {
    ok: false,
    reason: 'language',
    detail: `the language is ${JSON.stringify(language).slice(0, 80)}`,
  };
}

function found(json: unknown, path: string | null): unknown {
  return path === null ? undefined : at(json, path);
}

/** @param domain absent or null: the record names none */
function passage(text: string, domain: unknown): Decoded {
  if (LONE_SURROGATE.test(text)) {
    return refuse('invalid_utf8', 'an escaped surrogate without its pair has no UTF-8');
  }
  const nul = text.indexOf('\0');
  if (nul >= 0) return refuse('nul_bytes', `escaped NUL at character ${nul} of the text`);
  if (!VISIBLE.test(text)) return refuse('empty_text', 'the text has no visible character');
  if (domain === undefined || domain === null) return { ok: true, text: text.trim(), domain: null };
  const name = parseDomainName(domain);
  return name.ok ? { ok: true, text: text.trim(), domain: name.domain } : refuse(name.reason, name.detail);
}

/** Follows a dotted path through own properties only; a key that has the dots in its name goes first. */
function at(json: unknown, path: string): unknown {
  if (own(json, path)) return json[path];
  let value = json;
  for (const key of path.split('.')) {
    if (!own(value, key)) return undefined;
    value = value[key];
  }
  return value;
}

function own(value: unknown, key: string): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

function refuse(reason: DeadLetterReason, detail: string): Decoded {
  return {
    ok: false,
    reason,
    detail: detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail,
  };
}
