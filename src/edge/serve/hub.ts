/**
 * Published lineages over HTTP as a model hub, so that hub clients (transformers.js, Python) load them by name. A
 * branch is answered with a redirect to the revision that it names at that moment: what a client then reads is one
 * revision, whatever is published meanwhile.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Manifest, ManifestFile } from '../../checkpoint/index.ts';
import type { RequestAnswered } from '../../events.ts';
import { hasBody } from '../http-server.ts';
import type { ByteRange } from '../objects/object-store.ts';
import { modelEntry, treeOf } from './listing.ts';
import type { PublishedFiles } from './published-files.ts';
import { type Asked, parseRange, parseRequest } from './request.ts';

export interface HubOptions {
  readonly files: PublishedFiles;
  /** First part of the ids of what is served: `org/lineage`. */
  readonly org: string;
  readonly told: (event: RequestAnswered) => void;
}

/** Of a file, both ends in it; an empty file has none. */
interface Part extends ByteRange {
  readonly file: ManifestFile;
}

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly body: string | Part;
}

/** Answers one request, whatever it is. */
export async function answerAsHub(
  request: IncomingMessage,
  response: ServerResponse,
  { files, org, told }: HubOptions,
): Promise<void> {
  const asked = parseRequest(request.url ?? '');
  const lineage = asked === null || asked.kind === 'models' ? null : lineageOf(asked.id, org);
  let reply: Reply;
  try {
    reply = await replyTo(request, asked, { files, org, lineage });
  } catch {
    reply = refused(500, 'InternalError', 'what is published here is damaged: run cpt verify on it');
  }
  const { status, headers, body } = reply;
  const length = typeof body === 'string' ? Buffer.byteLength(body) : body.to - body.from + 1;
  response.writeHead(status, {
    'Content-Length': status === 304 ? 0 : length,
    'Content-Security-Policy': "default-src 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
    ...headers,
    ...(hasBody(request) ? { Connection: 'close' } : {}),
  });
  const silent = request.method === 'HEAD' || status === 304;
  told({
    event: 'RequestAnswered',
    lineage: status === 404 && headers['X-Error-Code'] === 'RepoNotFound' ? '' : (lineage ?? ''),
    status,
    bytes: silent ? 0 : length,
  });
  if (silent) response.end();
  else if (typeof body === 'string') response.end(body);
  else await send(response, files, lineage!, body);
}

/** A file that turns out to be missing ends the connection: the length was promised. */
async function send(
  response: ServerResponse,
  files: PublishedFiles,
  lineage: string,
  { file, from, to }: Part,
): Promise<void> {
  if (to < from) {
    response.end();
    return;
  }
  try {
    await pipeline(await files.read(lineage, file, { from, to }), response);
  } catch {
    response.destroy();
  }
}

interface Place {
  readonly files: PublishedFiles;
  readonly org: string;
  readonly lineage: string | null;
}

async function replyTo(request: IncomingMessage, asked: Asked | null, place: Place): Promise<Reply> {
  const { files, org, lineage } = place;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, headers: { Allow: 'GET, HEAD' }, body: 'GET or HEAD only\n' };
  }
  if (asked === null) return refused(404, 'NotFound', 'a hub has no such page');
  if (asked.kind === 'models') {
    const names = await files.lineages();
    const entries = await Promise.all(
      names.map(async (name) => {
        const sha = await files.resolve(name, 'main');
        return sha === null ? [] : [modelEntry(`${org}/${name}`, sha, null)];
      }),
    );
    return json(entries.flat());
  }
  const revision =
    lineage === null ? null : await files.resolve(lineage, asked.rev === 'HEAD' ? 'main' : asked.rev);
  if (lineage === null || revision === null) {
    const known = lineage !== null && (await files.resolve(lineage, 'main')) !== null;
    return known
      ? refused(404, 'RevisionNotFound', `there is no revision ${asked.rev}`)
      : refused(404, 'RepoNotFound', `there is no model ${asked.id}`);
  }
  if (asked.kind === 'file' && asked.rev !== revision) {
    const path = [asked.id, 'resolve', revision, asked.path].join('/');
    const location = `/${path.split('/').map(encodeURIComponent).join('/')}`;
    return { status: 307, headers: { Location: location, 'X-Repo-Commit': revision }, body: '' };
  }
  const manifest = await files.manifest(lineage, revision);
  switch (asked.kind) {
    case 'model':
      return json(modelEntry(asked.id, revision, manifest));
    case 'tree': {
      const entries = treeOf(manifest, asked.path, asked.recursive);
      return entries === null ? absent(revision, asked.path) : json(entries);
    }
    case 'file':
      return fileReply(request, { manifest, revision, path: asked.path });
  }
}

function fileReply(
  request: IncomingMessage,
  { manifest, revision, path }: { manifest: Manifest; revision: string; path: string },
): Reply {
  const file = manifest.files.find((entry) => entry.path === path);
  if (file === undefined) return absent(revision, path);
  const { sha256, size } = file;
  const etag = `"${sha256}"`;
  const headers = {
    'X-Repo-Commit': revision,
    ETag: etag,
    'X-Linked-Size': size,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'public, max-age=31536000, immutable',
    'Content-Type': path.endsWith('.json') ? 'application/json' : 'application/octet-stream',
  };
  if (request.headers['if-none-match'] === etag) return { status: 304, headers, body: '' };
  const ifRange = request.headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const range = parseRange(wanted, size);
  if (range === 'unsatisfiable') {
    const only = { 'X-Repo-Commit': revision, 'Content-Range': `bytes */${size}` };
    return { status: 416, headers: only, body: '' };
  }
  if (range === 'whole') return { status: 200, headers, body: { file, from: 0, to: size - 1 } };
  const { from, to } = range;
  const contentRange = `bytes ${from}-${to}/${size}`;
  return { status: 206, headers: { ...headers, 'Content-Range': contentRange }, body: { file, from, to } };
}

function lineageOf(id: string, org: string): string | null {
  const [owner, name, ...rest] = id.split('/');
  return owner === org && name !== undefined && rest.length === 0 ? name : null;
}

/** Clients remember that a revision does not have a file. */
function absent(revision: string, path: string): Reply {
  const { status, headers, body } = refused(404, 'EntryNotFound', `there is no ${path} in it`);
  return { status, headers: { ...headers, 'X-Repo-Commit': revision }, body };
}

/** Without a code clients report that the connection is broken. */
function refused(status: number, code: string, what: string): Reply {
  const headers = {
    'X-Error-Code': code,
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
  };
  return { status, headers, body: `${JSON.stringify({ error: what })}\n` };
}

function json(value: unknown): Reply {
  const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  return { status: 200, headers, body: JSON.stringify(value) };
}
