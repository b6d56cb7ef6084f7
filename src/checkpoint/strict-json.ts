/** JSON from strangers: strict UTF-8, no key twice in one object, no key that would change an object's prototype. */

/** What of the text was wrong; callers put it into an error of their own. */
export class JsonFault extends Error {}

/**
 * Parses UTF-8 JSON. `JSON.parse` keeps the last of two equal keys, so that two readers may see two documents in
 * the same bytes; here `{"a":1,"\u0061":2}` is a fault.
 * @throws JsonFault
 */
export function parseStrictJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonFault('it is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new JsonFault('it is not JSON');
  }
  checkKeys(text);
  return value;
}

/** @param text valid JSON */
function checkKeys(text: string): void {
  const open: (Set<string> | null)[] = []; // the keys of each object around this place; null for an array
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const end = stringEnd(text, at);
      if (isKey(text, end)) addKey(open.at(-1), JSON.parse(text.slice(at, end)) as string);
      at = end - 1;
    }
  }
}

function addKey(keys: Set<string> | null | undefined, key: string): void {
  if (key === '__proto__') throw new JsonFault('it has a key "__proto__"');
  if (keys?.has(key)) throw new JsonFault(`it has the key ${JSON.stringify(key.slice(0, 80))} twice`);
  keys?.add(key);
}

/** The place behind the string that begins at `start`. */
function stringEnd(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return text[at] === ':';
}

/** A JSON object, and neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
