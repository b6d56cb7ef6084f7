/** What a record tells beside its text: its domain, its time, its language, and where each of them stands. */

export interface MappingOptions {
  /** `header:NAME`, `key` or `field:PATH`; empty: the header `domain`, else the field `domainField`. */
  readonly domainFrom: string;
  /** `timestamp` (of the message), `header:NAME` or `field:PATH`; see `parseTime`. */
  readonly timeFrom: string;
  /** `header:NAME` or `field:PATH`; empty: nowhere. */
  readonly languageFrom: string;
  /** Those that are kept, joined by commas; empty: all. */
  readonly languages: string;
}

export const MAPPING_DEFAULTS: MappingOptions = Object.freeze({
  domainFrom: '',
  timeFrom: 'timestamp',
  languageFrom: '',
  languages: '',
});

/** The path in `field:PATH`, null where a value stands elsewhere. */
export function fieldOf(source: string): string | null {
  return source.startsWith('field:') ? source.slice(6) : null;
}

/** The name in `header:NAME`, null where a value stands elsewhere. */
export function headerOf(source: string): string | null {
  return source.startsWith('header:') ? source.slice(7) : null;
}

const LAST_SECOND = 253_402_300_799; // of the year 9999
/** Beyond it a number counts milliseconds: as seconds it would be in the year 5138, as milliseconds it is in 1973. */
const MOST_SECONDS = 1e11;
const DECIMAL = /^\d{1,15}(?:\.\d{1,15})?$/;
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Seconds since 1970, to the millisecond, of seconds, milliseconds or ISO 8601 (UTC where it names no zone), as a
 * number or as text; undefined where it is none of them, before 1970 or after the year 9999.
 */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return inTime(value >= MOST_SECONDS ? value / 1000 : value);
  if (typeof value !== 'string' || value.length > 40) return undefined;
  const text = value.trim();
  if (DECIMAL.test(text)) return parseTime(Number(text));
  const [whole, zone] = ISO.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const timed = whole.length > 10 && zone === undefined;
  return inTime(Date.parse(timed ? `${whole}Z` : whole) / 1000);
}

/** To the millisecond; undefined before 1970 and after the year 9999. */
export function inTime(seconds: number): number | undefined {
  return seconds >= 0 && seconds <= LAST_SECOND ? Math.round(seconds * 1000) / 1000 : undefined;
}

/**
 * Whether a record is left out for its language: `en` also keeps `en-GB`. One without a language, or with
 * something else in its place, is kept.
 */
export function isForeign(language: unknown, languages: string): boolean {
  if (languages === '' || typeof language !== 'string' || language.trim() === '') return false;
  const kept = languages.toLowerCase().split(',');
  let tag = language.slice(0, 40).trim().toLowerCase().replaceAll('_', '-');
  for (; tag !== ''; tag = tag.slice(0, Math.max(0, tag.lastIndexOf('-')))) {
    if (kept.includes(tag)) return false;
  }
  return true;
}
