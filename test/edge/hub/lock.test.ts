/** Several processes on one cache. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { beforeEach, test } from 'node:test';
import { promisify } from 'node:util';
import { withLock } from '../../../src/edge/hub/lock.ts';
import { CptError } from '../../../src/errors.ts';
import { sha256 } from './fake-hub.ts';
import { calm, freshCache, hub, place, TINY, WEIGHTS } from './help.ts';

hub.publish('acme/tiny', TINY);
beforeEach(calm);

const src = (file: string): string => new URL(`../../../src/edge/hub/${file}`, import.meta.url).href;
/** Fetches the base in a process of its own and prints what came. */
const SCRIPT = `
import { fetchBase, hubAccess } from ${JSON.stringify(src('index.ts'))};
const access = hubAccess({ env: process.env, offline: false, version: '0' });
const options = { pinned: null, signal: new AbortController().signal, onProgress() {}, onNote: (note) => console.error(note) };
console.log(JSON.stringify(await fetchBase({ repo: 'acme/tiny', revision: 'main' }, access, options)));
`;
const args = ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT];
const envOf = (cache: string) => ({
  ...process.env,
  HF_ENDPOINT: hub.url,
  HF_HUB_CACHE: cache,
  HF_HUB_OFFLINE: '',
});

async function fetchInChild(cache: string): Promise<{ folder: string; fetched: number; told: string }> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, args, { env: envOf(cache) });
  return { ...JSON.parse(stdout), told: stderr };
}

const asked = (): number => hub.seen.filter(({ url }) => url.includes(sha256(WEIGHTS))).length;

/** Sends the weights slowly, so that others come meanwhile. */
function slowly(): void {
  hub.intercept = (_, response, { url, range }) => {
    if (!url.includes(sha256(WEIGHTS)) || range !== null) return false;
    response.writeHead(200, { 'content-length': WEIGHTS.length });
    const half = WEIGHTS.length >> 1;
    response.write(WEIGHTS.subarray(0, half));
    setTimeout(() => response.end(WEIGHTS.subarray(half)), 3000);
    return true;
  };
}

test('processes that fetch the same base at once: one fetches, the others wait, all have it', async () => {
  const cache = freshCache();
  hub.seen.length = 0;
  slowly();
  const results = await Promise.all([fetchInChild(cache), fetchInChild(cache), fetchInChild(cache)]);
  assert.equal(asked(), 1);
  assert.equal(results.filter(({ fetched }) => fetched > 0).length, 1);
  for (const { folder } of results) {
    assert.ok(readFileSync(path.join(folder, 'model.safetensors')).equals(WEIGHTS));
  }
  assert.ok(results.some(({ told }) => /Another process fetches acme\/tiny/.test(told)));
  const model = path.join(cache, 'models--acme--tiny');
  assert.deepEqual(
    readdirSync(path.join(model, 'blobs')).filter((name) => name.includes('incomplete')),
    [],
  );
  assert.deepEqual(readdirSync(path.join(cache, '.locks', 'models--acme--tiny')), []);
});

test('a process that is killed leaves its lock and its part, and the next one goes on from there', async () => {
  const cache = freshCache();
  hub.seen.length = 0;
  slowly();
  const child = spawn(process.execPath, args, { env: envOf(cache), stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const partial = path.join(cache, 'models--acme--tiny', 'blobs', `${sha256(WEIGHTS)}.cpt.incomplete`);
  while (!existsSync(partial) || readFileSync(partial).length < 10_000)
    await new Promise((r) => setTimeout(r, 10));
  child.kill('SIGKILL');
  await ended;
  assert.ok(existsSync(path.join(cache, '.locks', 'models--acme--tiny', 'cpt.lock')));
  const { folder } = await fetchInChild(cache);
  assert.ok(readFileSync(path.join(folder, 'model.safetensors')).equals(WEIGHTS));
  assert.match(hub.seen.at(-1)!.range ?? '', /^bytes=\d+-$/);
});

const never = new AbortController().signal;
let locks = 0;
const lockFile = (): string => path.join(place, 'locks', `${locks++}.lock`);

function heldBy(holder: string, secondsAgo = 0): string {
  const file = lockFile();
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, holder);
  const then = Date.now() / 1000 - secondsAgo;
  utimesSync(file, then, then);
  return file;
}

test('a lock is given back whatever happens', async () => {
  const file = lockFile();
  await assert.rejects(
    withLock(file, { signal: never, onWait: () => {} }, async () => {
      assert.equal(readFileSync(file, 'utf8'), `${hostname()} ${process.pid}\n`);
      throw new Error('mishap');
    }),
    /mishap/,
  );
  assert.ok(!existsSync(file));
});

test('a holder that died here or fell silent elsewhere is passed over', async () => {
  for (const file of [heldBy(`${hostname()} 999999999\n`), heldBy('elsewhere 1\n', 3600)]) {
    const onWait = (): void => assert.fail('there is nobody to wait for');
    assert.equal(await withLock(file, { signal: never, onWait }, async () => 7), 7);
  }
});

test('a living one is waited for until it is done, or until the wait is stopped', async () => {
  const order: string[] = [];
  const file = lockFile();
  const options = { signal: never, onWait: () => order.push('waits'), beat: 20 };
  const one = withLock(file, options, async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    order.push('first');
  });
  const two = withLock(file, options, async () => order.push('second'));
  await Promise.all([one, two]);
  assert.deepEqual(order, ['waits', 'first', 'second']);

  const stop = new AbortController();
  const reason = new CptError('CPT_INTERRUPTED', 'Stopped.');
  const held = heldBy('elsewhere 1\n');
  const waiting = withLock(held, { signal: stop.signal, onWait: () => stop.abort(reason) }, async () => 1);
  await assert.rejects(waiting, (error) => error === reason);
  assert.ok(existsSync(held));
});
