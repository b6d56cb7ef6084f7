/** The hub against real clients of hubs, and by hand where these do not look. */
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { downloadFile, listFiles, modelInfo } from '@huggingface/hub';
import { AutoModel, AutoTokenizer, env } from '@xenova/transformers';
import { sha256 } from '../../../src/checkpoint/index.ts';
import { publishedInFolder } from '../../../src/edge/serve/in-folder.ts';
import { type Hub, openHub } from '../../../src/edge/serve/open.ts';
import { openStore } from '../../../src/edge/store/index.ts';
import { smallRevision } from '../../checkpoint/help/small-revision.ts';
import { freshFolder } from '../store/help.ts';

const first = smallRevision();
const second = smallRevision({ domain: 'd2', task: 2, parents: [first.revision] });
let out: string;
let hub: Hub;
before(async () => {
  out = await freshFolder();
  for (const revision of [first, second]) await openStore(out, 'news').publish(revision);
  hub = await openHub({
    files: publishedInFolder(out),
    org: 'cpt',
    host: '127.0.0.1',
    port: 0,
    version: '0',
  });
});
after(() => hub.close());

const ask = (where: string, init: RequestInit = {}) =>
  fetch(`${hub.url}${where}`, { redirect: 'manual', ...init });
const config = second.files.find((file) => file.path === 'config.json')!;

test('a branch leads to the revision that it names, a revision to its bytes', async () => {
  const moved = await ask('/cpt/news/resolve/main/config.json');
  assert.equal(moved.status, 307);
  assert.equal(moved.headers.get('x-repo-commit'), second.revision);
  const location = moved.headers.get('location')!;
  assert.equal(location, `/cpt/news/resolve/${second.revision}/config.json`);
  assert.equal((await ask('/cpt/news/resolve/d1/config.json')).headers.get('x-repo-commit'), first.revision);
  const got = await ask(location);
  const bytes = new Uint8Array(await got.arrayBuffer());
  assert.equal(got.status, 200);
  assert.equal(sha256(bytes), config.sha256);
  assert.equal(got.headers.get('etag'), `"${config.sha256}"`);
  assert.equal(got.headers.get('accept-ranges'), 'bytes');
  const head = await ask(location, { method: 'HEAD' });
  assert.equal(head.headers.get('content-length'), String(config.size));
  assert.equal((await head.arrayBuffer()).byteLength, 0);
});

test('parts, and what has not changed', async () => {
  const where = `/cpt/news/resolve/${second.revision}/config.json`;
  const whole = Buffer.from(await (await ask(where)).arrayBuffer());
  const part = await ask(where, { headers: { Range: 'bytes=2-5' } });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get('content-range'), `bytes 2-5/${config.size}`);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), whole.subarray(2, 6));
  const beyond = await ask(where, { headers: { Range: `bytes=${config.size}-` } });
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers.get('content-range'), `bytes */${config.size}`);
  const other = await ask(where, { headers: { Range: 'bytes=2-5', 'If-Range': '"other"' } });
  assert.equal(other.status, 200);
  const same = await ask(where, { headers: { 'If-None-Match': `"${config.sha256}"` } });
  assert.equal(same.status, 304);
});

test('what is absent has the code by which clients know it', async () => {
  const cases: [string, string][] = [
    ['/cpt/olds/resolve/main/config.json', 'RepoNotFound'],
    ['/acme/news/resolve/main/config.json', 'RepoNotFound'],
    ['/api/models/cpt/..%2Fnews', 'RepoNotFound'],
    ['/api/models/cpt/main', 'RepoNotFound'],
    ['/cpt/news/resolve/d9/config.json', 'RevisionNotFound'],
    [`/cpt/news/resolve/${'0'.repeat(40)}/config.json`, 'RevisionNotFound'],
    ['/cpt/news/resolve/..%2F..%2Fblobs/config.json', 'RevisionNotFound'],
    ['/api/models/cpt/news/tree/main/nowhere', 'EntryNotFound'],
    [`/cpt/news/resolve/${second.revision}/..%2F..%2Frefs%2Fmain`, 'EntryNotFound'],
    ['/elsewhere', 'NotFound'],
  ];
  for (const [where, code] of cases) {
    const answer = await ask(where);
    assert.equal(answer.status, 404, where);
    assert.equal(answer.headers.get('x-error-code'), code, where);
    assert.equal(answer.headers.has('x-repo-commit'), code === 'EntryNotFound', where);
  }
});

test('@huggingface/hub reads models, lists and files', async () => {
  const info = await modelInfo({ name: 'cpt/news', hubUrl: hub.url, additionalFields: ['sha'] });
  assert.equal(info.sha, second.revision);
  const files = new Map<string, { size: number; sha: string | undefined }>();
  const given = { repo: 'cpt/news', revision: 'd1', recursive: true, hubUrl: hub.url };
  for await (const { type, path, size, lfs } of listFiles(given)) {
    if (type === 'file') files.set(path, { size, sha: lfs?.oid });
  }
  const published = first.files.map((file) => [file.path, { size: file.size, sha: file.sha256 }] as const);
  assert.deepEqual([...files].sort(), [...published].sort());
  const top: string[] = [];
  for await (const entry of listFiles({ ...given, recursive: false }))
    top.push(`${entry.type} ${entry.path}`);
  assert.ok(top.includes('directory onnx') && !top.some((entry) => entry.includes('onnx/')), top.join());
  const blob = await downloadFile({ repo: 'cpt/news', path: 'router.json', revision: 'd1', hubUrl: hub.url });
  const router = first.files.find((file) => file.path === 'router.json')!;
  assert.equal(sha256(new Uint8Array(await blob!.arrayBuffer())), router.sha256);
  const list = (await (await ask('/api/models')).json()) as { id: string }[];
  assert.deepEqual(
    list.map(({ id }) => id),
    ['cpt/news'],
  );
});

test('transformers.js loads a domain by its name', async () => {
  const cache = await freshFolder();
  const saved = { host: env.remoteHost, remote: env.allowRemoteModels, local: env.allowLocalModels };
  try {
    env.remoteHost = `${hub.url}/`;
    env.allowRemoteModels = true;
    env.allowLocalModels = false;
    env.cacheDir = cache;
    const tokenizer = await AutoTokenizer.from_pretrained('cpt/news', { revision: 'd1' });
    const model = await AutoModel.from_pretrained('cpt/news', { revision: 'd1', dtype: 'fp32' });
    const { logits } = await model(await tokenizer('a b'));
    assert.equal(logits.dims.length, 3);
  } finally {
    env.remoteHost = saved.host;
    env.allowRemoteModels = saved.remote;
    env.allowLocalModels = saved.local;
  }
});

test('nothing is changed from outside, and bodies are not read', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const answer = await ask('/api/models', { method, body: 'x'.repeat(1e6) }).catch(() => null);
    assert.ok(answer === null || answer.status === 405);
  }
});

test('a path that clients cannot spell is only a path', async () => {
  const status = await new Promise<number>((resolve, reject) => {
    const { port } = new URL(hub.url);
    const raw = httpRequest({ port, path: '/cpt/news/resolve/main/../../../../etc/passwd' }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    raw.on('error', reject).end();
  });
  assert.ok(status === 404 || status === 307, String(status));
});

test('requests are counted; metrics and health are on the same port', async () => {
  await ask('/api/models/cpt/news');
  await ask('/api/models/cpt/nothing');
  const text = await (await ask('/metrics')).text();
  assert.match(text, /^cpt_serve_requests_total\{lineage="news",status="200"\} [1-9]/m);
  assert.match(text, /^cpt_serve_requests_total\{lineage="",status="404"\} [1-9]/m);
  assert.match(text, /^cpt_serve_bytes_total\{lineage="news"\} [1-9]/m);
  assert.equal((await ask('/readyz')).status, 200);
});

test('a damaged lineage is an error of this side, and its neighbours are served', async () => {
  const other = smallRevision({ domain: 'd3' });
  const store = openStore(out, 'torn');
  await store.publish(other);
  await rm(store.layout.manifest(other.revision));
  await writeFile(store.layout.manifest(other.revision), '{}');
  assert.equal((await ask(`/api/models/cpt/torn`)).status, 500);
  assert.equal((await ask(`/api/models/cpt/news`)).status, 200);
  await rm(path.join(out, 'torn'), { recursive: true });
});
