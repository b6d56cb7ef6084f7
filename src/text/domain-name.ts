/** Names that a record may give its domain: they become refs, metric labels and file names. */
import type { DeadLetterReason } from '../errors.ts';

const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u;
const REVISION = /^[0-9a-f]{40}$/i;
const VERSION = /\.\d+$/;
const MAX_BYTES = 200; // of the 255 that a file name may have: `.2` and a temporary suffix come behind it

export type DomainName =
  | { readonly ok: true; readonly domain: string }
  | { readonly ok: false; readonly reason: DeadLetterReason; readonly detail: string };

/**
 * A name has 1 to 64 letters, digits, `.`, `_` or `-` and starts with a letter or a digit. Composed and
 * decomposed spellings are one name (NFC). Refused because they mean something else where names are used:
 * `main`, 40 hex digits (a revision), `x.2` (the second version of `x`), and what every JavaScript object has.
 */
export function parseDomainName(value: unknown): DomainName {
  if (typeof value !== 'string') return refuse(`a domain is a string, not ${kindOf(value)}`);
  const domain = value.normalize('NFC');
  if (!NAME.test(domain) || new TextEncoder().encode(domain).length > MAX_BYTES) {
    return refuse(`${quote(domain)} is not 1 to 64 letters, digits, ".", "_" or "-"`);
  }
  if (domain.toLowerCase() === 'main' || domain in Object.prototype) {
    return refuse(`${quote(domain)} is a reserved name`);
  }
  if (REVISION.test(domain)) return refuse(`${quote(domain)} looks like a revision`);
  if (VERSION.test(domain)) return refuse(`${quote(domain)} looks like a version of another domain`);
  return { ok: true, domain };
}

/** What a JSON value is, with its article, for a sentence. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}

function refuse(detail: string): DomainName {
  return { ok: false, reason: 'invalid_domain', detail };
}
