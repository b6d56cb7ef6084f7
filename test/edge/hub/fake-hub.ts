/** A hub on loopback, with a second server as the place where its large files lie, for tests. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export interface Seen {
  readonly server: 'hub' | 'store';
  readonly method: string;
  /** Path and query, decoded. */
  readonly url: string;
  readonly authorization: string | null;
  readonly range: string | null;
}

/** Answers a request instead of the hub; false lets the hub answer. */
export type Intercept = (request: IncomingMessage, response: ServerResponse, seen: Seen) => boolean;

export interface FakeHub {
  readonly url: string;
  /** Where the large files lie, another origin. */
  readonly store: string;
  readonly seen: Seen[];
  /** Puts a commit behind a revision; returns its id. */
  publish(repo: string, files: Files, revision?: string): string;
  /** Called with each request, last set first. */
  intercept: Intercept;
  /** Token without which nothing is given. */
  token: string | null;
  /** Changes what is listed, never what is given. */
  relist: (entry: Entry) => Entry;
  /** Files of at least so many bytes lie in the store. */
  readonly large: number;
  close(): Promise<void>;
}

export interface Entry {
  readonly type: string;
  readonly path: string;
  readonly size: number;
  readonly oid: string;
  readonly lfs?: { readonly oid: string; readonly size: number; readonly pointerSize: number };
}

const LARGE = 1000;

export async function openFakeHub(): Promise<FakeHub> {
  /** `repo@revision` to commit, and commit to files. */
  const refs = new Map<string, string>();
  const commits = new Map<string, Map<string, Buffer>>();
  const seen: Seen[] = [];

  const note = (server: 'hub' | 'store', request: IncomingMessage): Seen => {
    const { authorization = null, range = null } = request.headers;
    const entry = {
      server,
      method: request.method!,
      url: decodeURIComponent(request.url!),
      authorization,
      range,
    };
    seen.push(entry);
    return entry;
  };
  const store = createServer((request, response) => {
    const entry = note('store', request);
    if (hub.intercept(request, response, entry)) return;
    const { pathname } = new URL(request.url!, 'http://store');
    const content = [...commits.values()]
      .flatMap((files) => [...files.values()])
      .find((file) => sha256(file) === pathname.slice(1));
    if (content === undefined) return response.writeHead(404).end();
    send(response, content, request.headers.range);
  });
  const server = createServer((request, response) => {
    const entry = note('hub', request);
    if (!hub.intercept(request, response, entry)) answer(request, response);
  });
  const [url, storeUrl] = [await listen(server), await listen(store)];

  function answer(request: IncomingMessage, response: ServerResponse): unknown {
    const { pathname } = new URL(request.url!, url);
    const refuse = (status: number, code: string): unknown => {
      response.writeHead(status, { 'x-error-code': code, 'content-type': 'application/json' });
      return response.end(JSON.stringify({ error: code }));
    };
    if (hub.token !== null && request.headers.authorization !== `Bearer ${hub.token}`) {
      return response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"Unauthorized"}');
    }
    const api = /^\/api\/models\/([^/]+\/[^/]+)\/(revision|tree)\/([^/]+)$/.exec(pathname);
    const file = /^\/([^/]+\/[^/]+)\/resolve\/([^/]+)\/(.+)$/.exec(pathname);
    const [, repo = ''] = api ?? file ?? [];
    const revision = decodeURIComponent((api?.[3] ?? file?.[2]) as string);
    if (![...refs.keys()].some((key) => key.startsWith(`${repo}@`))) return refuse(404, 'RepoNotFound');
    const commit = commits.has(revision) ? revision : refs.get(`${repo}@${revision}`);
    if (commit === undefined) return refuse(404, 'RevisionNotFound');
    const files = commits.get(commit)!;
    if (api?.[2] === 'revision') {
      const siblings = [...files.keys()].map((rfilename) => ({ rfilename }));
      return json(response, { _id: 'x', id: repo, sha: commit, siblings });
    }
    if (api?.[2] === 'tree')
      return json(
        response,
        [...files].map(([path, content]) => hub.relist(entryOf(path, content))),
      );
    const path = decodeURIComponent(file![3]!);
    const content = files.get(path);
    if (content === undefined) return refuse(404, 'EntryNotFound');
    if (revision !== commit) {
      response.writeHead(307, { location: `/${repo}/resolve/${commit}/${path}`, 'x-repo-commit': commit });
      return response.end();
    }
    const { oid, lfs } = entryOf(path, content);
    response.setHeader('x-repo-commit', commit);
    response.setHeader('etag', `"${lfs?.oid ?? oid}"`);
    if (content.length < LARGE) return send(response, content, request.headers.range);
    const hash = sha256(content);
    response.setHeader('x-linked-etag', `"${hash}"`);
    response.setHeader('x-linked-size', content.length);
    return response.writeHead(302, { location: `${storeUrl}/${hash}?signature=x` }).end();
  }

  const hub: FakeHub = {
    url,
    store: storeUrl,
    seen,
    intercept: () => false,
    token: null,
    relist: (entry) => entry,
    large: LARGE,
    publish(repo, given, revision = 'main') {
      const files = new Map(Object.entries(given).map(([path, content]) => [path, Buffer.from(content)]));
      const hash = createHash('sha1').update(repo);
      for (const [path, content] of files) hash.update(`${path}\0${sha256(content)}\0`);
      const commit = hash.digest('hex');
      commits.set(commit, files);
      refs.set(`${repo}@${revision}`, commit);
      return commit;
    },
    async close() {
      for (const one of [server, store]) {
        one.closeAllConnections();
        await new Promise((resolve) => one.close(resolve));
      }
    },
  };
  return hub;
}

/** A folder's files, as they are published. */
export function filesOf(folder: string): Record<string, Buffer> {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(names.map(({ name }) => [name, readFileSync(join(folder, name))]));
}

/** Sends so many bytes of a file and breaks the connection, while it promised all of it. */
export function cutAfter(response: ServerResponse, content: Uint8Array, bytes: number): void {
  response.writeHead(200, { 'content-length': content.length, 'content-type': 'application/octet-stream' });
  response.write(content.slice(0, bytes), () => setTimeout(() => response.destroy(), 20));
}

export function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

function entryOf(path: string, content: Buffer): Entry {
  const size = content.length;
  const oid = createHash('sha1').update(`blob ${size}\0`).update(content).digest('hex');
  const lfs = { oid: sha256(content), size, pointerSize: 130 };
  return { type: 'file', path, size, oid, ...(size < LARGE ? {} : { lfs }) };
}

function send(response: ServerResponse, content: Buffer, range: string | undefined): unknown {
  const from = range === undefined ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1]);
  response.setHeader('accept-ranges', 'bytes');
  if (!(from < content.length || from === 0)) {
    return response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
  }
  const part = content.subarray(from);
  const extent = { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` };
  response.writeHead(range === undefined ? 200 : 206, {
    'content-type': 'application/octet-stream',
    'content-length': part.length,
    ...(range === undefined ? {} : extent),
  });
  return response.end(part);
}

function json(response: ServerResponse, value: unknown): unknown {
  return response
    .writeHead(200, { 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(value));
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
