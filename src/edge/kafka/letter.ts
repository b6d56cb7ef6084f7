/** A record that holds no passage as a message for a dead-letter topic. Pure, and nothing in a record makes it throw. */
import { createHash } from 'node:crypto';
import type { IHeaders, Message } from 'kafkajs';
import { sha256 } from '../../checkpoint/index.ts';
import type { Rejection } from '../dead-letters.ts';

/** Headers of ours begin so; a record's own header of such a name is kept behind `was-`. */
export const LETTER_PREFIX = 'cpt-dead-letter-';
/**
 * How a letter is sent that the topic finds too large, one after the other: bytes of the payload that are left.
 * The last has none of the record's headers and no key either.
 */
export const CUTS: readonly number[] = [Number.POSITIVE_INFINITY, 900_000, 1 << 16, 512];

export interface LetterContext {
  readonly lineage: string;
  /** RFC 3339, when it was put aside. */
  readonly time: string;
  /** Index in `CUTS`. */
  readonly cut: number;
}

/** The message, with the record's own key, payload and headers. */
export function letterOf({ record, reason, detail }: Rejection, context: LetterContext): Message {
  const { origin, position, size } = record;
  const { lineage, time, cut } = context;
  const whole = origin === undefined ? record.bytes : origin.value;
  const most = CUTS[cut]!;
  const bare = cut === CUTS.length - 1;
  const value =
    whole === null ? null : Buffer.from(whole.buffer, whole.byteOffset, Math.min(whole.length, most));
  const isCut = value !== null && value.length < size;
  const ours: Record<string, string> = {
    id: idOf(lineage, position, whole),
    reason,
    detail,
    lineage,
    position,
    time,
    size: String(size),
    ...(origin === undefined
      ? {}
      : { topic: origin.topic, partition: String(origin.partition), offset: origin.offset }),
    ...(isCut ? { cut: 'true' } : bare ? { cut: 'headers' } : {}),
    ...(isCut && whole !== null && whole.length === size ? { sha256: sha256(whole) } : {}),
  };
  return {
    key: bare || !origin?.key ? null : Buffer.from(origin.key),
    value,
    headers: {
      ...(bare ? {} : ownHeaders(origin?.headers ?? {})),
      ...Object.fromEntries(Object.entries(ours).map(([name, text]) => [`${LETTER_PREFIX}${name}`, text])),
    },
  };
}

/** Equal for each sending of the same record, and for no other: a topic that was made anew counts from 0 again. */
function idOf(lineage: string, position: string, whole: Uint8Array | null): string {
  const hash = createHash('sha256').update(JSON.stringify([lineage, position, whole === null]));
  if (whole !== null) hash.update(whole);
  return hash.digest('hex').slice(0, 32);
}

/** kafkajs cannot send an absent value, so it becomes an empty one; what it made of inherited names is left out. */
function ownHeaders(headers: Readonly<Record<string, unknown>>): IHeaders {
  const kept = Object.entries(headers).flatMap(([name, given]) => {
    const values = (Array.isArray(given) ? given : [given])
      .map((value: unknown) => value ?? Buffer.alloc(0))
      .filter((value): value is Buffer | string => typeof value === 'string' || Buffer.isBuffer(value));
    return values.length === 0
      ? []
      : [[name.startsWith(LETTER_PREFIX) ? `was-${name}` : name, values] as const];
  });
  return Object.fromEntries(kept);
}
