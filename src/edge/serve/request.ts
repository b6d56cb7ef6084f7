/** What a request to the hub asks for. A path is split before it is decoded: `{rev}` is one segment whatever is in it. */

export type Asked =
  /** A file of a revision. */
  | { readonly kind: 'file'; readonly id: string; readonly rev: string; readonly path: string }
  /** What is known of a model. */
  | { readonly kind: 'model'; readonly id: string; readonly rev: string }
  /** Files of a revision below a folder, `''` for all of it. */
  | {
      readonly kind: 'tree';
      readonly id: string;
      readonly rev: string;
      readonly path: string;
      readonly recursive: boolean;
    }
  | { readonly kind: 'models' };

const MOST_CHARACTERS = 4096;

/**
 * @param url path and query, as a request line has them
 * @returns null where it is nothing that a hub has
 */
export function parseRequest(url: string): Asked | null {
  if (url.length > MOST_CHARACTERS) return null;
  const [, pathname = '', query = ''] = /^([^?#]*)(?:\?([^#]*))?/.exec(url) ?? [];
  const parts = decoded(pathname.replace(/^\//, '').split('/'));
  if (parts === null) return null;
  if (parts[0] === 'api' && parts[1] === 'models') return parseApi(parts.slice(2), query);
  const at = parts.indexOf('resolve');
  if (at < 1 || at > 2) return null;
  const [rev, ...path] = parts.slice(at + 1);
  if (rev === undefined || path.length === 0) return null;
  return { kind: 'file', id: parts.slice(0, at).join('/'), rev, path: path.join('/') };
}

function parseApi(parts: readonly string[], query: string): Asked | null {
  if (parts.length === 0) return { kind: 'models' };
  const verb = parts.findIndex((part, at) => at > 0 && (part === 'revision' || part === 'tree'));
  const id = parts.slice(0, verb < 0 ? parts.length : verb);
  if (id.length > 2) return null;
  const name = id.join('/');
  if (verb < 0) return { kind: 'model', id: name, rev: 'main' };
  const [rev, ...path] = parts.slice(verb + 1);
  if (rev === undefined) return null;
  if (parts[verb] === 'revision') return path.length === 0 ? { kind: 'model', id: name, rev } : null;
  const recursive = /^(true|1)$/i.test(new URLSearchParams(query).get('recursive') ?? '');
  return { kind: 'tree', id: name, rev, path: path.filter((part) => part !== '').join('/'), recursive };
}

function decoded(parts: readonly string[]): string[] | null {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    return null;
  }
}

/**
 * The bytes that a `Range` header asks for, both ends in it (RFC 9110, section 14). A header that is not understood or
 * asks for several ranges is passed over: the whole is an answer to that.
 * @param size of the file, bytes
 */
export function parseRange(
  header: string | undefined,
  size: number,
): { readonly from: number; readonly to: number } | 'whole' | 'unsatisfiable' {
  const [, first = '', last = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return 'whole';
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { from: size - length, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < from) return 'whole';
  return from >= size ? 'unsatisfiable' : { from, to };
}
