/**
 * A passage as a sparse vector: lower-cased words, runs of digits and single signs by Unicode class (one- and
 * two-character grams where a script writes no spaces), hashed to 1,024 buckets, log(1 + count), length 1.
 */
import { classOf, DIGIT, SEPARATOR, SPACELESS, WORD } from './unicode.ts';

export const BUCKETS = 1024;
/** Characters of a passage that are looked at; the rest of a longer one adds cost, hardly knowledge. */
export const MAX_CHARACTERS = 8192;

/** Buckets ascending and distinct; `value[k]` = log(1 + count[k]) over the Euclidean length of all of them. */
export interface Features {
  readonly bucket: Uint16Array;
  readonly count: Uint8Array; // 1 to 255, where it saturates
  readonly value: Float32Array;
}

const LOG1P = Float64Array.from({ length: 256 }, (_, count) => Math.log(1 + count));

/** Features of one passage. A text without any token has no buckets. */
export function featurize(text: string): Features {
  const counts = new Uint8Array(BUCKETS);
  const kept = text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : text;
  eachToken(kept.normalize('NFC').toLowerCase(), (hash) => {
    const bucket = hash & (BUCKETS - 1);
    if (counts[bucket]! < 255) counts[bucket]!++;
  });
  let size = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) if (counts[bucket] !== 0) size++;
  const buckets = new Uint16Array(size);
  const count = new Uint8Array(size);
  let at = 0;
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    if (counts[bucket] === 0) continue;
    buckets[at] = bucket;
    count[at++] = counts[bucket]!;
  }
  return fromCounts(buckets, count);
}

/** The same features from the counts alone, which is what a snapshot keeps. */
export function fromCounts(bucket: Uint16Array, count: Uint8Array): Features {
  let squares = 0;
  for (const c of count) squares += LOG1P[c]! * LOG1P[c]!;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  const value = new Float32Array(count.length);
  for (let k = 0; k < count.length; k++) value[k] = LOG1P[count[k]!]! * scale;
  return { bucket, count, value };
}

/** Calls back with a 32-bit hash for each token of a lower-cased text. */
function eachToken(text: string, token: (hash: number) => void): void {
  let hash = SEED;
  let open = SEPARATOR; // class of the token being read; SEPARATOR: none
  let before = 0; // the previous character, where it is of a script without spaces
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code >= 0xd800 && code <= 0xdbff) {
      code = text.codePointAt(at)!;
      if (code > 0xffff) at++;
    }
    const kind = classOf(code);
    if (kind === open && (kind === WORD || kind === DIGIT)) {
      hash = mix(hash, code);
      continue;
    }
    if (open !== SEPARATOR) token(finish(hash));
    open = SEPARATOR;
    if (kind === SPACELESS) {
      token(finish(mix(SEED, code)));
      if (before !== 0) token(finish(mix(mix(SEED, before), code)));
      before = code;
      continue;
    }
    before = 0;
    if (kind === SEPARATOR) continue;
    hash = mix(SEED, code);
    if (kind === WORD || kind === DIGIT) open = kind;
    else token(finish(hash));
  }
  if (open !== SEPARATOR) token(finish(hash));
}

const SEED = 0x811c9dc5;

/** One step of FNV-1a over code points instead of bytes. */
function mix(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

/** The low bits of FNV are its weak ones: fold the high ones in (MurmurHash3's finaliser, first half). */
function finish(hash: number): number {
  const folded = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (folded ^ (folded >>> 13)) >>> 0;
}
