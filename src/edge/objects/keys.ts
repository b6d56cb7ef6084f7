/** Where things stand in an object store. Keys become paths and URLs, so every part is checked. */
import { isHex } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';

const PART = /^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u;
const MAX_PART_BYTES = 240; // of the 255 that a file name may have
const MAX_KEY_BYTES = 1000; // of S3's 1,024; a prefix comes before it

/**
 * Parts joined by `/`; each begins with a letter, a digit or `_` and holds these, `.` and `-`; composed spelling.
 * @throws CptError CPT_STORE
 */
export function checkKey(key: string): string {
  const bytes = (text: string): number => Buffer.byteLength(text);
  const parts = key.split('/');
  const ok =
    key === key.normalize('NFC') &&
    bytes(key) <= MAX_KEY_BYTES &&
    parts.every((part) => PART.test(part) && bytes(part) <= MAX_PART_BYTES);
  if (ok) return key;
  throw new CptError('CPT_STORE', `${JSON.stringify(key.slice(0, 100))} is no key of an object.`);
}

/** A prefix of keys that ends with `/`, or nothing for all. @throws CptError CPT_STORE */
export function checkPrefix(prefix: string): string {
  if (prefix !== '') checkKey(prefix.endsWith('/') ? prefix.slice(0, -1) : `${prefix}/`);
  return prefix;
}

/**
 * What a lineage keeps in the store beside what it publishes. No lineage has a name that begins with `_`, so the
 * two never meet; what is published lies under `<lineage>/`, as in a folder of lineages.
 */
export function lineageKeys(lineage: string) {
  const own = (...parts: string[]): string => checkKey(['_lineages', lineage, ...parts].join('/'));
  const published = (...parts: string[]): string => checkKey([lineage, ...parts].join('/'));
  return {
    /** The commit point: what is not named there has not happened. */
    head: own('head.json'),
    segment: (sha256: string) => own('segments', hex(sha256, 64)),
    /** Of one task: another one may have the same, and outlives it. */
    passages: (task: number, sha256: string) => own('passages', `${task}-${hex(sha256, 64)}`),
    signatures: (task: number, sha256: string) => own('signatures', `${task}-${hex(sha256, 64)}`),
    blob: (sha256: string) => published('blobs', 'sha256', hex(sha256, 64)),
    manifest: (revision: string) => published('revisions', `${hex(revision, 40)}.json`),
    ref: (name: string) => published('refs', name),
  };
}

export type LineageKeys = ReturnType<typeof lineageKeys>;

function hex(text: string, length: number): string {
  const shown = JSON.stringify(text.slice(0, 100));
  if (isHex(text, length)) return text;
  throw new CptError('CPT_STORE', `${shown} is no hash of ${length} digits.`);
}
