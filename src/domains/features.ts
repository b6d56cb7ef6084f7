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
const ASCII = /^[\0-\x7f]*$/;

// Of the passage that is being read, and all 0 in between: occurrences by bucket, and which buckets have any.
const counts = new Uint8Array(BUCKETS);
const present = new Uint32Array(BUCKETS / 32);

/** Bytes: neighbouring passages share their memory, of which a single one that is kept must not hold much. */
const SLAB = 1 << 12;
let slab = new ArrayBuffer(SLAB);
let taken = 0;

/** Features of one passage. A text without any token has no buckets. */
export function featurize(text: string): Features {
  const kept = text.length > MAX_CHARACTERS ? text.slice(0, MAX_CHARACTERS) : text;
  const size = countTokens(ASCII.test(kept) ? kept : kept.normalize('NFC').toLowerCase());
  const { buffer, from } = room(7 * size);
  const bucket = new Uint16Array(buffer, from + 4 * size, size);
  const count = new Uint8Array(buffer, from + 6 * size, size);
  let at = 0;
  for (let word = 0; word < present.length; word++) {
    for (let bits = present[word]!; bits !== 0; bits &= bits - 1) {
      const next = 32 * word + 31 - Math.clz32(bits & -bits);
      bucket[at] = next;
      count[at++] = counts[next]!;
      counts[next] = 0;
    }
    present[word] = 0;
  }
  return fromCounts(bucket, count, new Float32Array(buffer, from, size));
}

/** So many bytes of the slab, or of a new one, from a multiple of 4 on. */
function room(bytes: number): { readonly buffer: ArrayBuffer; readonly from: number } {
  if (slab.byteLength - taken < bytes) {
    slab = new ArrayBuffer(Math.max(SLAB, bytes));
    taken = 0;
  }
  const from = taken;
  taken += (bytes + 3) & ~3;
  return { buffer: slab, from };
}

/** The same features from the counts alone, which is what a snapshot keeps. */
export function fromCounts(
  bucket: Uint16Array,
  count: Uint8Array,
  value = new Float32Array(count.length),
): Features {
  let squares = 0;
  for (let k = 0; k < count.length; k++) squares += LOG1P[count[k]!]! * LOG1P[count[k]!]!;
  const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
  for (let k = 0; k < count.length; k++) value[k] = LOG1P[count[k]!]! * scale;
  return { bucket, count, value };
}

/** Counts the tokens of a text that is lower-cased but for ASCII letters. @returns how many buckets have any */
function countTokens(text: string): number {
  let size = 0;
  let hash = SEED;
  let open = SEPARATOR; // class of the token being read; SEPARATOR: none
  let before = 0; // the previous character, where it is of a script without spaces
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code >= 0x41 && code <= 0x5a) code += 0x20;
    else if (code >= 0xd800 && code <= 0xdbff) {
      code = text.codePointAt(at)!;
      if (code > 0xffff) at++;
    }
    const kind = classOf(code);
    if (kind === open && (kind === WORD || kind === DIGIT)) {
      hash = mix(hash, code);
      continue;
    }
    if (open !== SEPARATOR) size += note(hash);
    open = SEPARATOR;
    if (kind === SPACELESS) {
      size += note(mix(SEED, code));
      if (before !== 0) size += note(mix(mix(SEED, before), code));
      before = code;
      continue;
    }
    before = 0;
    if (kind === SEPARATOR) continue;
    hash = mix(SEED, code);
    if (kind === WORD || kind === DIGIT) open = kind;
    else size += note(hash);
  }
  return open === SEPARATOR ? size : size + note(hash);
}

/** Counts one token. @returns 1 where it is the first of its bucket, else 0 */
function note(hash: number): 0 | 1 {
  const bucket = finish(hash) & (BUCKETS - 1);
  const count = counts[bucket]!;
  if (count < 255) counts[bucket] = count + 1;
  if (count !== 0) return 0;
  present[bucket >> 5]! |= 1 << (bucket & 31);
  return 1;
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
