/** What lineages, domains, refs and files may be called: every name also becomes a path. */
import { CptError } from '../errors.ts';
import { parseDomainName } from '../text/domain-name.ts';

const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/;

/** @throws CptError CPT_VERIFY where `value` is not a name that a lineage or a domain may have */
export function checkSafeName(value: unknown, what: string): asserts value is string {
  const name = parseDomainName(value);
  if (!name.ok || name.domain !== value) {
    throw new CptError('CPT_VERIFY', `A name is wrong: ${what} is ${JSON.stringify(value)?.slice(0, 100)}.`);
  }
}

/** `main`, a domain, or a domain's version such as `d1.2`. */
export function isRefName(name: string): boolean {
  const domain = name.replace(/\.[1-9]\d{0,8}$/, '');
  const parsed = parseDomainName(domain);
  return name === 'main' || (parsed.ok && parsed.domain === domain);
}

/**
 * Files of a revision: relative, without `.` and `..`, sorted, no two that some file system would take for one, and
 * none inside another.
 * @throws CptError CPT_VERIFY
 */
export function checkPaths(paths: readonly string[]): void {
  const seen = new Set<string>();
  const folders = new Set<string>();
  for (const [at, path] of paths.entries()) {
    const parts = path.split('/');
    const safe = parts.length <= 4 && parts.every((part) => SEGMENT.test(part) && !part.endsWith('.'));
    const lower = path.toLowerCase();
    if (!safe) throw refuse(path, 'is not a safe path');
    if (seen.has(lower)) throw refuse(path, 'is listed twice');
    if (at > 0 && path <= paths[at - 1]!) throw refuse(path, 'is out of order');
    seen.add(lower);
    for (let end = 1; end < parts.length; end++) {
      folders.add(parts.slice(0, end).join('/').toLowerCase());
    }
  }
  for (const path of paths) {
    if (folders.has(path.toLowerCase())) throw refuse(path, 'is a file and a folder');
  }
}

function refuse(path: string, why: string): CptError {
  return new CptError('CPT_VERIFY', `The file ${JSON.stringify(path.slice(0, 100))} of a revision ${why}.`);
}
