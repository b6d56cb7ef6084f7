/** One contract, a folder and S3. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { checkKey, lineageKeys } from '../../../src/edge/objects/keys.ts';
import { type ObjectStore, openObjectStore, parseS3Url } from '../../../src/edge/objects/object-store.ts';
import { CptError } from '../../../src/errors.ts';
import { withS3 } from './with-s3.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-objects-'));
after(() => fs.rmSync(place, { recursive: true }));
const s3 = withS3();
let folders = 0;

const openers: Readonly<Record<string, (t: TestContext) => Promise<ObjectStore | undefined>>> = {
  folder: () => openObjectStore(path.join(place, `store-${folders++}`)),
  s3: async (t) => {
    const endpoint = s3.server(t)?.endpoint;
    return endpoint === undefined ? undefined : openObjectStore(await s3.place(), { endpoint });
  },
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (found: { bytes: Uint8Array } | null): string | null =>
  found === null ? null : new TextDecoder().decode(found.bytes);
const LIMIT = 1 << 20;
const code = (wanted: string) => (error: unknown) => error instanceof CptError && error.code === wanted;

for (const [kind, open] of Object.entries(openers)) {
  test(`${kind}: an object is put once, read, streamed, listed and removed`, async (t) => {
    const store = await open(t);
    if (store === undefined) return;
    assert.equal(await store.get('a/b', LIMIT), null);
    assert.equal(await store.stream('a/b'), null);
    assert.equal(await store.putIfAbsent('a/b', bytes('one')), true);
    assert.equal(await store.putIfAbsent('a/b', bytes('two')), false);
    assert.equal(text(await store.get('a/b', LIMIT)), 'one');
    const pieces: Uint8Array[] = [];
    for await (const piece of (await store.stream('a/b'))!) pieces.push(piece as Uint8Array);
    assert.equal(Buffer.concat(pieces).toString(), 'one');
    const part = (await store.stream('a/b', { from: 1, to: 2 }))!;
    assert.equal(Buffer.concat(await part.toArray()).toString(), 'ne');
    await assert.rejects(store.get('a/b', 2), code('CPT_STORE'));

    const file = path.join(place, `${kind}.bin`);
    const content = Buffer.alloc(3_000_000, kind);
    fs.writeFileSync(file, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const known = { file, bytes: content.byteLength, sha256 };
    const results = await Promise.all([1, 2, 3].map(() => store.putIfAbsent('a/c.d', known)));
    assert.deepEqual(results.sort(), [false, false, true]);
    assert.deepEqual(Buffer.from((await store.get('a/c.d', 1 << 23))!.bytes), content);

    await store.put('a/ä', bytes('3'));
    await store.put('a/ä', bytes('4'));
    assert.equal(text(await store.get('a/ä', LIMIT)), '4');
    await store.putIfAbsent('ab/x', bytes(''));
    assert.deepEqual(await store.list('a/'), ['a/b', 'a/c.d', 'a/ä']);
    assert.deepEqual(await store.list(''), ['a/b', 'a/c.d', 'a/ä', 'ab/x']);
    assert.deepEqual(await store.list('c/'), []);
    await store.remove('a/b');
    await store.remove('a/b');
    assert.equal(await store.get('a/b', LIMIT), null);
  });

  test(`${kind}: a swap succeeds once for each tag, whoever else tries at the same time`, async (t) => {
    const store = await open(t);
    if (store === undefined) return;
    const first = await Promise.all([1, 2, 3, 4].map((n) => store.swap('x/head', bytes(`0:${n}`), null)));
    assert.equal(first.filter((tag) => tag !== null).length, 1);
    for (let round = 1; round <= 10; round++) {
      const { tag } = (await store.get('x/head', LIMIT))!;
      const tags: (string | null)[] = await Promise.all(
        [1, 2, 3].map((n) => store.swap('x/head', bytes(`${round}:${n}`), tag)),
      );
      const won = tags.findIndex((one) => one !== null);
      assert.deepEqual(
        tags.map((one) => one !== null),
        [0, 1, 2].map((n) => n === won),
      );
      const now = await store.get('x/head', LIMIT);
      assert.equal(text(now), `${round}:${won + 1}`);
      assert.equal(now!.tag, tags[won]);
    }
    assert.equal(await store.swap('x/head', bytes('late'), null), null);
    assert.equal(await store.swap('x/none', bytes('late'), (await store.get('x/head', LIMIT))!.tag), null);
    assert.deepEqual(await store.list('x/'), ['x/head']);
    assert.deepEqual(await store.list(''), ['x/head']);
    await store.remove('x/head');
    assert.equal(await store.get('x/head', LIMIT), null);
  });
}

test('a folder: processes that are killed while they swap lose no turn and leave nothing in the way', async () => {
  const folder = path.join(place, 'killed');
  const store = await openObjectStore(folder);
  await store.swap('l/head', bytes('[]'), null);
  // each process appends its turn for ever: what a killed one has told it did must be there
  const script = `
    const { openObjectStore } = await import(${JSON.stringify(path.resolve('src/edge/objects/object-store.ts'))});
    const store = await openObjectStore(process.argv[1]);
    for (let turn = 0; ; ) {
      const { bytes, tag } = await store.get('l/head', 1 << 24);
      const all = JSON.parse(Buffer.from(bytes).toString());
      all.push(process.argv[2] + ':' + turn);
      if ((await store.swap('l/head', Buffer.from(JSON.stringify(all)), tag)) !== null) {
        process.stdout.write(process.argv[2] + ':' + turn++ + '\\n');
      }
    }`;
  const told: string[] = [];
  const children = ['a', 'b'].map((name) => {
    const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder, name];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let turns = 0;
    child.stdout.on('data', (data) => {
      const lines = String(data).trim().split('\n');
      told.push(...lines);
      turns += lines.length;
      if (turns >= 20) child.kill('SIGKILL');
    });
    return once(child, 'close');
  });
  for (const child of children) assert.deepEqual(await child, [null, 'SIGKILL']);
  const now = await store.get('l/head', 1 << 24);
  const all = JSON.parse(text(now)!) as string[];
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(
    told.filter((turn) => !all.includes(turn)),
    [],
  );
  assert.notEqual(await store.swap('l/head', bytes('[]'), now!.tag), null);
  assert.equal(fs.readdirSync(path.join(folder, 'l', 'head')).length, 2, 'only the newest is left');
});

test('keys: what is not one is refused before it becomes a path or a URL', async () => {
  const store = await openObjectStore(path.join(place, 'keys'));
  const long = 'a'.repeat(241);
  const bad = [
    '',
    '/',
    'a/',
    '/a',
    '../a',
    'a/..',
    'a/./b',
    'a//b',
    '.a',
    'a\0',
    'a b',
    'a\\b',
    '@1',
    'a%2fb',
    long,
  ];
  for (const key of [...bad, 'é'.normalize('NFD'), 'a/'.repeat(600)]) {
    assert.throws(() => checkKey(key), code('CPT_STORE'), key);
    await assert.rejects(store.put(key, bytes('')), code('CPT_STORE'), key);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (key) => {
      try {
        checkKey(key);
      } catch (error) {
        return code('CPT_STORE')(error);
      }
      return path.posix.normalize(key) === key && !key.startsWith('.') && !/[\0\\%?#@ ]/.test(key);
    }),
  );
  const hash = 'a'.repeat(64);
  const keys = lineageKeys('news');
  assert.equal(keys.head, '_lineages/news/head.json');
  assert.equal(keys.passages(7, hash), `_lineages/news/passages/7-${hash}`);
  assert.equal(keys.blob(hash), `news/blobs/sha256/${hash}`);
  assert.equal(keys.ref('d1.2'), 'news/refs/d1.2');
  assert.throws(() => keys.segment('A'.repeat(64)), code('CPT_STORE'));
  assert.throws(() => keys.manifest(hash), code('CPT_STORE'));
  assert.throws(() => keys.ref('../x'), code('CPT_STORE'));
});

test('an S3 place is a bucket and a prefix', () => {
  assert.deepEqual(parseS3Url('s3://cpt-models'), { bucket: 'cpt-models', prefix: '' });
  assert.deepEqual(parseS3Url('s3://cpt-models/a/b/'), { bucket: 'cpt-models', prefix: 'a/b/' });
  for (const url of [
    's3:/x',
    's3://',
    's3://A',
    's3://ab',
    's3://user:pw@bucket',
    's3://bucket/../x',
    's3://bucket//x',
  ]) {
    assert.throws(() => parseS3Url(url), code('CPT_CONFIG'), url);
  }
});

test('s3: what cannot be reached is said with the store, and that waiting may help', async () => {
  process.env.AWS_ACCESS_KEY_ID ??= 'test';
  process.env.AWS_SECRET_ACCESS_KEY ??= 'test';
  await assert.rejects(
    openObjectStore('s3://no-such-bucket', { endpoint: 'http://127.0.0.1:9' }),
    (error) => {
      assert.ok(error instanceof CptError && error.code === 'CPT_STORE' && error.retryable);
      assert.match(error.message, /s3:\/\/no-such-bucket\//);
      return true;
    },
  );
});
