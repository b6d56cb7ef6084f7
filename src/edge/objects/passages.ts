/** The passages of a closed domain as one object: JSON Lines, a string each, in one spelling. */
import { CptError } from '../../errors.ts';

/** No more in one object. */
export const MAX_PASSAGES_BYTES = 2 ** 30;
const NEWLINE = 10;

/** @throws CptError CPT_STORE where they are too many for one object */
export function encodePassages(texts: readonly string[]): Uint8Array {
  const lines = texts.map((text) => Buffer.from(`${JSON.stringify(text)}\n`));
  const size = lines.reduce((sum, line) => sum + line.byteLength, 0);
  if (size > MAX_PASSAGES_BYTES) throw wrong(`they have ${size} bytes, more than ${MAX_PASSAGES_BYTES}`);
  return Buffer.concat(lines);
}

/** @param count how many there are. @throws CptError CPT_STORE where the bytes are not these */
export function decodePassages(bytes: Uint8Array, count: number): string[] {
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts: string[] = [];
  for (let start = 0; start < bytes.byteLength; ) {
    const end = bytes.indexOf(NEWLINE, start);
    if (end < 0) throw wrong('the last line does not end');
    const at = texts.length + 1;
    if (at > count) throw wrong(`there are more than ${count}`);
    texts.push(parseLine(bytes.subarray(start, end), (line) => utf8.decode(line), at));
    start = end + 1;
  }
  if (texts.length !== count) throw wrong(`there are ${texts.length}, not ${count}`);
  return texts;
}

function parseLine(line: Uint8Array, decode: (line: Uint8Array) => string, at: number): string {
  let text: unknown;
  try {
    const json = decode(line);
    text = JSON.parse(json);
    if (typeof text === 'string' && JSON.stringify(text) === json) return text;
  } catch {
    // told below
  }
  throw wrong(`line ${at} is not a JSON string in its one spelling`);
}

function wrong(why: string): CptError {
  return new CptError('CPT_STORE', `The passages of a domain are not as they should be: ${why}.`);
}
