/** A base from a hub: what is asked for, what the cache spares, what a revision means. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, test } from 'node:test';
import { loadBase } from '../../../src/edge/base.ts';
import { accessTo, calm, closedPort, fetched, freshCache, hub, place, TINY } from './help.ts';

const first = hub.publish('acme/tiny', {
  ...TINY,
  'README.md': '# tiny',
  'pytorch_model.bin': 'x'.repeat(5000),
});
beforeEach(() => {
  calm();
  hub.publish('acme/tiny', { ...TINY, 'README.md': '# tiny', 'pytorch_model.bin': 'x'.repeat(5000) });
});

const files = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((name) => [name, readFileSync(path.join(folder, name), 'latin1')]),
  );
const tiny = Object.fromEntries(
  Object.entries(TINY)
    .sort()
    .map(([name, content]) => [name, Buffer.from(content).toString('latin1')]),
);

test('a base is fetched whole, and nothing but the base', async () => {
  const progress: number[] = [];
  const base = await fetched('acme/tiny', accessTo(freshCache()), {
    onProgress: ({ bytes }) => progress.push(bytes),
  });
  const size = Object.values(TINY).reduce((sum, content) => sum + content.length, 0);
  assert.deepEqual({ ...base, folder: '' }, { folder: '', commit: first, fetched: size, note: null });
  assert.deepEqual(files(base.folder), tiny);
  assert.equal((await loadBase(base.folder)).licence, 'free\n');
  assert.deepEqual(
    progress,
    [...progress].sort((a, b) => a - b),
  );
  assert.equal(progress.at(-1), size);
  assert.ok(hub.seen.every(({ url }) => !/README|pytorch/.test(url)));
});

test('the cache has the layout that other clients know', async () => {
  const cache = freshCache();
  const { folder } = await fetched('acme/tiny@main', accessTo(cache));
  const model = path.join(cache, 'models--acme--tiny');
  assert.equal(folder, path.join(model, 'snapshots', first));
  assert.equal(readFileSync(path.join(model, 'refs', 'main'), 'utf8'), first);
  const blobs = readdirSync(path.join(model, 'blobs'));
  assert.equal(blobs.length, Object.keys(TINY).length);
  assert.ok(
    blobs.every((name) => /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name)),
    blobs.join(),
  );
});

test('a commit that is in the cache needs no network; a branch is asked for, nothing else', async () => {
  const access = accessTo(freshCache());
  await fetched('acme/tiny', access);
  const again = await fetched('acme/tiny', access);
  assert.equal(again.fetched, 0);
  assert.equal(hub.seen.length, 1);
  const pinned = await fetched(`acme/tiny@${first}`, access);
  assert.equal(pinned.commit, first);
  assert.deepEqual(hub.seen, []);
  assert.deepEqual(await fetched('acme/tiny', access, { pinned: first }), pinned);
  assert.deepEqual(hub.seen, []);
});

test('a branch that moves is followed, and only what changed is fetched', async () => {
  const access = accessTo(freshCache());
  await fetched('acme/tiny', access);
  const second = hub.publish('acme/tiny', { ...TINY, LICENSE: 'freer\n' });
  const moved = await fetched('acme/tiny', access);
  assert.equal(moved.commit, second);
  assert.equal(moved.fetched, 6);
  assert.equal(readFileSync(path.join(moved.folder, 'LICENSE'), 'utf8'), 'freer\n');
  assert.equal((await fetched('acme/tiny', access, { pinned: first })).commit, first);
});

test('a revision may have slashes in it', async () => {
  const commit = hub.publish('acme/tiny', { ...TINY, LICENSE: 'proposed\n' }, 'refs/pr/1');
  const cache = freshCache();
  assert.equal((await fetched('acme/tiny@refs/pr/1', accessTo(cache))).commit, commit);
  assert.equal((await fetched('acme/tiny@refs/pr/1', accessTo(cache, {}, true))).commit, commit);
  assert.equal(
    readFileSync(path.join(cache, 'models--acme--tiny', 'refs', 'refs', 'pr', '1'), 'utf8'),
    commit,
  );
});

test('offline: the last known commit of a branch, a whole commit, or a clear error', async () => {
  const cache = freshCache();
  const offline = accessTo(cache, {}, true);
  const missing = (name: string, message: RegExp) =>
    assert.rejects(fetched(name, offline), {
      code: 'CPT_HUB',
      message,
      hint: /without --offline and HF_HUB_OFFLINE/,
    });
  await missing(
    'acme/tiny',
    /^Offline, and acme\/tiny is not whole in the cache \(.*models--acme--tiny\)\.$/,
  );
  await fetched('acme/tiny', accessTo(cache));
  for (const name of ['acme/tiny', `acme/tiny@${first}`]) {
    assert.equal((await fetched(name, offline)).commit, first);
    assert.deepEqual(hub.seen, []);
  }
  await missing('acme/tiny@v2', /acme\/tiny@v2 is not whole/);
  await missing(`acme/tiny@${'0'.repeat(40)}`, /commit 0{40} of acme\/tiny is not whole/);
});

test('a hub out of reach is passed over where the cache has the base, and that is said', async () => {
  const cache = freshCache();
  await fetched('acme/tiny', accessTo(cache));
  const away = accessTo(cache, { HF_ENDPOINT: await closedPort() });
  const base = await fetched('acme/tiny', away);
  assert.equal(base.commit, first);
  assert.match(
    base.note ?? '',
    /^http:\/\/127\.0\.0\.1:\d+ cannot be reached \(ECONNREFUSED\)\. .* in the cache is used/,
  );
  // but not where the hub itself says no
  hub.token = 'hf_other';
  await assert.rejects(fetched('acme/tiny', accessTo(cache)), { code: 'CPT_HUB', message: /needs a token/ });
});

test('a damaged file in the cache is noticed and fetched anew', async () => {
  const cache = freshCache();
  const { folder } = await fetched('acme/tiny', accessTo(cache));
  const file = path.join(folder, 'model.safetensors');
  const bytes = readFileSync(file);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(file, bytes); // through the link, into the blob
  await assert.rejects(fetched('acme/tiny', accessTo(cache, {}, true)), {
    code: 'CPT_HUB',
    message: /not whole/,
  });
  const again = await fetched('acme/tiny', accessTo(cache));
  assert.equal(again.fetched, bytes.length);
  assert.deepEqual(files(folder), tiny);
});

test('a snapshot that another client made serves offline, and is completed online', async () => {
  const cache = freshCache();
  const { folder } = await fetched('acme/tiny', accessTo(cache));
  const model = path.join(cache, 'models--acme--tiny');
  rmSync(path.join(model, 'cpt'), { recursive: true });
  rmSync(path.join(folder, 'LICENSE'));
  assert.equal((await fetched('acme/tiny', accessTo(cache, {}, true))).commit, first);
  assert.equal((await fetched('acme/tiny', accessTo(cache))).fetched, 0); // the blob is still there
  assert.deepEqual(files(folder), tiny);
  rmSync(path.join(model, 'cpt'), { recursive: true });
  rmSync(path.join(folder, 'model.safetensors'));
  await assert.rejects(fetched('acme/tiny', accessTo(cache, {}, true)), { code: 'CPT_HUB' });
});

test('copies serve where there are no links', async () => {
  const cache = freshCache();
  const { folder } = await fetched('acme/tiny', accessTo(cache));
  const copy = path.join(place, 'copied');
  cpSync(cache, copy, { recursive: true, dereference: true });
  const offline = await fetched('acme/tiny', accessTo(copy, {}, true));
  assert.deepEqual(files(offline.folder), files(folder));
  assert.ok(statSync(path.join(offline.folder, 'config.json')).isFile());
});

test('a cache that cannot be written', async () => {
  const cache = path.join(place, 'no-folder');
  writeFileSync(cache, '');
  await assert.rejects(fetched('acme/tiny', accessTo(cache)), {
    code: 'CPT_HUB',
    message: /^The cache .*no-folder cannot be written/,
    hint: /HF_HUB_CACHE/,
  });
});

test('weights in shards: what the index names is fetched', async () => {
  const shard = (name: string) => `model-0000${name}-of-00002.safetensors`;
  const weight_map = { a: shard('1'), b: shard('2'), c: shard('1') };
  const { 'model.safetensors': _, ...rest } = TINY;
  hub.publish('acme/sharded', {
    ...rest,
    'model.safetensors.index.json': JSON.stringify({ weight_map }),
    [shard('1')]: 'one',
    [shard('2')]: 'two',
    'model-00003-of-00003.safetensors': 'unused',
  });
  const { folder } = await fetched('acme/sharded', accessTo(freshCache()));
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('safetensors')),
    [shard('1'), shard('2'), 'model.safetensors.index.json'],
  );
});
