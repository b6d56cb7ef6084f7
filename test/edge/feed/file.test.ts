import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, test } from 'node:test';
import { createGzip, gzipSync } from 'node:zlib';
import type { Feed, FeedBatch, FeedOffsets, FeedRecord } from '../../../src/edge/feed/feed.ts';
import { type FileFeedOptions, openFileFeed } from '../../../src/edge/feed/file.ts';
import { CptError } from '../../../src/errors.ts';

const folder = await mkdtemp(join(tmpdir(), 'cpt-file-feed-'));
after(() => rm(folder, { recursive: true, force: true }));

let files = 0;
async function file(content: string | Uint8Array, name = `feed${files++}.jsonl`): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function batches(feed: Feed, most = Number.POSITIVE_INFINITY): Promise<FeedBatch[]> {
  const read: FeedBatch[] = [];
  for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
    read.push(batch);
    if (read.length === most) break;
  }
  return read;
}

async function open(
  path: string,
  from: FeedOffsets | null = null,
  options?: FileFeedOptions,
): Promise<FeedBatch[]> {
  const feed = await openFileFeed(path, options)(from);
  const read = await batches(feed);
  await feed.close();
  return read;
}

const textOf = (record: FeedRecord): string => new TextDecoder().decode(record.bytes ?? undefined);
const texts = (read: readonly FeedBatch[]): string[] => read.flatMap((batch) => batch.records.map(textOf));
const positions = (read: readonly FeedBatch[]): string[] =>
  read.flatMap((batch) => batch.records.map((record) => record.position));
const numbered = (n: number, from = 0): string[] =>
  Array.from({ length: n }, (_, i) => `passage ${from + i}`);
const asLines = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

function failsWith(message: RegExp, hint = /./) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof CptError, String(error));
    assert.equal(error.code, 'CPT_FEED');
    assert.match(error.message, message);
    assert.match(error.hint ?? '', hint);
    return true;
  };
}

test('lines come in order, in batches, with their place and a falling lag', async () => {
  const path = await file(`first\r\n\n  \nsecond\n\n${asLines(numbered(1200))}last`, 'named.txt');
  const read = await open(path);
  assert.deepEqual(texts(read), ['first', '  ', 'second', ...numbered(1200), 'last']);
  assert.deepEqual(positions(read).slice(0, 4), ['named.txt:1', 'named.txt:3', 'named.txt:4', 'named.txt:6']);
  assert.equal(positions(read).at(-1), 'named.txt:1206');
  assert.deepEqual(
    read.map((batch) => batch.records.length),
    [500, 500, 204],
  );
  const [first, , last] = read.map((batch) => batch.lag);
  assert.ok(Math.abs(first! - 704) < 40, `${first} of 704`);
  assert.equal(last, 0);
});

test('a batch is bounded by bytes too', async () => {
  const path = await file(asLines(Array.from({ length: 20 }, (_, i) => `${i}`.repeat(300))));
  const read = await open(path, null, { batchBytes: 1000 });
  assert.ok(read.length >= 5);
  for (const batch of read) assert.ok(batch.records.reduce((sum, r) => sum + r.size, 0) < 1000 + 600);
  assert.equal(texts(read).length, 20);
});

for (const kind of ['plain file', 'gzip file', 'pipe'] as const) {
  test(`${kind}: reading goes on after any batch, nothing twice, nothing lost`, async () => {
    const lines = numbered(60).map((line, i) => `${line} ${'é'.repeat(i * 7)}${i % 9 === 0 ? '\n' : ''}`);
    const content = Buffer.from(`${asLines(lines)}unterminated`);
    const path = await file(kind === 'gzip file' ? gzipSync(content) : content);
    const start = (from: FeedOffsets | null) =>
      kind === 'pipe'
        ? openFileFeed('-', { batchRecords: 7, stdin: Readable.from(inChunks(content, 777)) })(from)
        : openFileFeed(path, { batchRecords: 7 })(from);
    const read = async (from: FeedOffsets | null, most?: number): Promise<FeedBatch[]> => {
      const feed = await start(from);
      const some = await batches(feed, most);
      await feed.close();
      return some;
    };
    const whole = await read(null);
    assert.equal(texts(whole).length, 61);
    for (let stop = 1; stop <= 9; stop++) {
      const before = await read(null, stop);
      const later = await read(before.at(-1)!.offsets);
      assert.deepEqual(texts([...before, ...later]), texts(whole));
      assert.deepEqual(positions([...before, ...later]), positions(whole));
    }
  });
}

function inChunks(content: Uint8Array, size: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < content.length; at += size) chunks.push(content.subarray(at, at + size));
  return chunks;
}

test('offsets of a plain file hold for the same content compressed, and for a file that has grown', async () => {
  const content = asLines(numbered(30));
  const path = await file(content);
  const offsets = (await open(path)).at(-1)!.offsets;
  assert.deepEqual(await open(path, offsets), []);
  await appendFile(path, asLines(numbered(500, 30))); // from under to over the 4,096 bytes that are hashed
  const grown = await open(path, offsets);
  assert.deepEqual(texts(grown), numbered(500, 30));
  assert.equal(positions(grown)[0], `${path.slice(folder.length + 1)}:31`);
  assert.deepEqual(await open(path, grown.at(-1)!.offsets), []);
  const zipped = await file(gzipSync(asLines(numbered(540))));
  assert.deepEqual(texts(await open(zipped, grown.at(-1)!.offsets)), numbered(10, 530));
});

test('a file that changed or shrank is refused; so are offsets of another feed', async () => {
  const content = asLines(numbered(1000));
  const path = await file(content);
  const offsets = (await open(path)).at(-1)!.offsets;
  const other = await file(content.replace('passage 3', 'Passage 3'), 'other.jsonl');
  await assert.rejects(open(other, offsets), failsWith(/other\.jsonl has changed since/, /--state/));
  await truncate(path, 6000);
  await assert.rejects(
    open(path, offsets),
    failsWith(/has changed: it has 6000 bytes.*line 1000/, /--state/),
  );
  const zipped = await file(gzipSync(content.slice(0, 6000)));
  await assert.rejects(open(zipped, offsets), failsWith(/has changed: it has 6000 bytes/, /--state/));
  await assert.rejects(open(path, { '0': '12', '1': '7' }), failsWith(/another kind of feed/, /--state/));
});

test('a pipe with new content is read from its start, one with the same content from the offset', async () => {
  const pipe = (content: string) => ({ stdin: Readable.from(inChunks(Buffer.from(content), 100)) });
  const offsets = (await open('-', null, pipe(asLines(numbered(700))))).at(-1)!.offsets;
  assert.deepEqual(texts(await open('-', offsets, pipe(asLines(numbered(710))))), numbered(10, 700));
  assert.deepEqual(await open('-', offsets, pipe(asLines(numbered(700)))), []);
  const fresh = await open('-', offsets, pipe('quite another\nfeed\n'));
  assert.deepEqual(
    [texts(fresh), positions(fresh)],
    [
      ['quite another', 'feed'],
      ['stdin:1', 'stdin:2'],
    ],
  );
  assert.deepEqual(texts(await open('-', offsets, pipe(asLines(numbered(900, 5))))), numbered(900, 5));
  assert.deepEqual(await open('-', offsets, pipe('')), []);
  await assert.rejects(
    open('-', offsets, pipe(asLines(numbered(600)))),
    failsWith(/stdin has changed/, /--state/),
  );
});

test('gzip by content, not by name, of one or several members, through a pipe too', async () => {
  const members = Buffer.concat([gzipSync(asLines(numbered(5))), gzipSync(asLines(numbered(5, 5)))]);
  assert.deepEqual(texts(await open(await file(members, 'members.txt'))), numbered(10));
  assert.deepEqual(texts(await open(await file(asLines(numbered(3)), 'plain.gz'))), numbered(3));
  const stdin = Readable.from(inChunks(members, 1)); // even the magic bytes come one by one
  assert.deepEqual(texts(await open('-', null, { stdin })), numbered(10));
  assert.deepEqual(texts(await open(await file(gzipSync('')))), []);
});

test('a damaged gzip gives what was read, then an error that says where', async () => {
  const whole = gzipSync(asLines(numbered(20_000)));
  const path = await file(whole.subarray(0, whole.length / 2), 'cut.jsonl.gz');
  for (const pause of [0, 3]) {
    const feed = await openFileFeed(path)(null);
    const read: FeedBatch[] = [];
    const failure = await (async () => {
      for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
        read.push(batch);
        if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause));
      }
      return null;
    })().catch((error: unknown) => error);
    const count = texts(read).length;
    assert.ok(count > 5000, `${count} passages were read`);
    assert.deepEqual(texts(read), numbered(count));
    failsWith(new RegExp(`cut\\.jsonl\\.gz, line ${count + 1} cannot be read: the gzip data end too early`))(
      failure,
    );
    await assert.rejects(feed.read(), CptError); // and it stays so
    await feed.close();
  }
  const flipped = Buffer.from(whole);
  flipped.fill(0xff, whole.length / 2, whole.length / 2 + 8);
  await assert.rejects(open(await file(flipped)), failsWith(/damaged/));
});

test('what cannot be opened is said in one sentence', async () => {
  await assert.rejects(
    open(join(folder, 'none.jsonl')),
    failsWith(/none\.jsonl cannot be read: there is no such/),
  );
  await mkdir(join(folder, 'a-folder'));
  await assert.rejects(
    open(join(folder, 'a-folder')),
    failsWith(/a-folder cannot be read: it is a directory/),
  );
  await assert.rejects(open(join(folder, 'a-folder', 'x', 'y')), failsWith(/no such/));
  const foreign: [string, number[], RegExp][] = [
    ['a.zip', [0x50, 0x4b, 3, 4], /a zip archive/],
    ['a.zst', [0x28, 0xb5, 0x2f, 0xfd], /zstd/],
    ['a.txt', [0xff, 0xfe, 0x61, 0], /UTF-16/],
  ];
  for (const [name, bytes, message] of foreign) {
    await assert.rejects(open(await file(Uint8Array.from(bytes), name)), failsWith(message, /UTF-8/));
  }
});

test('a file without permission', async () => {
  const path = await file('secret\n', 'secret.txt');
  await chmod(path, 0o000);
  // root may read everything; then the permission is given up in a process of its own
  const script = `import { openFileFeed } from ${JSON.stringify(import.meta.resolve('../../../src/edge/feed/file.ts'))};
    if (process.getuid?.() === 0) { process.setgid(65534); process.setuid(65534); }
    await openFileFeed(${JSON.stringify(path)})(null).then(() => console.log('read'), (e) => console.log(e.toLine()));`;
  await chmod(folder, 0o755);
  const said = execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  assert.match(said, /^CPT_FEED: .*secret\.txt cannot be read: reading it is not permitted\. Check the perm/);
});

/** Reads a feed in a process of its own: what came, and the most memory that it held, in MiB. */
async function readApart(path: string, write?: (stdin: Writable) => Promise<void>) {
  const script = `
    import { openFileFeed } from ${JSON.stringify(import.meta.resolve('../../../src/edge/feed/file.ts'))};
    const feed = await openFileFeed(${JSON.stringify(path)})(null);
    const seen = [];
    for (let b = await feed.read(); b !== null; b = await feed.read())
      for (const r of b.records) seen.push([r.bytes.length, r.size, r.position]);
    await feed.close();
    console.log(JSON.stringify({ seen, rss: process.resourceUsage().maxRSS / 1024 }));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const out = child.stdout.setEncoding('utf8').toArray();
  await write?.(child.stdin);
  child.stdin.end();
  return JSON.parse((await out).join('')) as { seen: unknown[]; rss: number };
}

const LONG = [
  [17, 17],
  [1 << 20, 100_000_011],
  [16, 16],
];

function* longContent(): Generator<Uint8Array> {
  yield Buffer.from('{"text":"before"}\n{"text":"');
  for (let i = 0; i < 100; i++) yield Buffer.alloc(1_000_000, 'x');
  yield Buffer.from('"}\n{"text":"after"}\n');
}

test('a line of 100 MB is skipped in bounded memory', async () => {
  const { seen, rss } = await readApart('-', (stdin) => pipeline(Readable.from(longContent()), stdin));
  assert.deepEqual(
    seen,
    LONG.map(([kept, size], at) => [kept, size, `stdin:${at + 1}`]),
  );
  assert.ok(rss < 180, `${rss} MiB`); // an empty process under tsx takes about 90
});

test('so is one that a few hundred kilobytes of gzip hold', async () => {
  const path = join(folder, 'long.gz');
  // Written piece by piece: on Linux a process starts with the peak memory of the one that started it.
  await pipeline(Readable.from(longContent()), createGzip({ level: 1 }), createWriteStream(path));
  const { seen, rss } = await readApart(path);
  assert.deepEqual(
    seen,
    LONG.map(([kept, size], at) => [kept, size, `long.gz:${at + 1}`]),
  );
  assert.ok(rss < 180, `${rss} MiB`);
});

test('a named pipe is a pipe', async (t) => {
  const path = join(folder, 'named-pipe');
  if (process.platform === 'win32') return t.skip('Windows has no mkfifo');
  execFileSync('mkfifo', [path]);
  const reading = open(path);
  await writeFile(path, asLines(numbered(50)));
  const read = await reading;
  assert.deepEqual([texts(read), read[0]!.lag], [numbered(50), null]);
});

test('a live pipe: lines are given when they come, an empty batch while nothing does', async () => {
  const stdin = new PassThrough();
  stdin.write('one\ntwo\nhal');
  const feed = await openFileFeed('-', { stdin, idleMs: 30 })(null);
  const first = await feed.read();
  assert.deepEqual(texts([first!]), ['one', 'two']);
  assert.equal(first!.lag, null);
  const idle = await feed.read();
  assert.deepEqual([idle!.records, idle!.offsets], [[], first!.offsets]);
  stdin.write('f\n');
  assert.deepEqual(texts([(await feed.read())!]), ['half']);
  stdin.end('last');
  assert.deepEqual(texts(await batches(feed)), ['last']);
  assert.equal(await feed.read(), null);
  await feed.close();
});

test('a live pipe may be closed while a read waits', async () => {
  const feed = await openFileFeed('-', { stdin: Readable.from(endless()), idleMs: 20 })(null);
  assert.deepEqual(texts([(await feed.read())!]), ['one']);
  assert.deepEqual((await feed.read())!.records, []);
  await feed.close();
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('one\n');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
});

test('a followed file gives lines as they are completed, and says when it was cut short', async () => {
  const path = await file('one\nhalf');
  const feed = await openFileFeed(path, { follow: true, idleMs: 20 })(null);
  assert.deepEqual(texts([(await feed.read())!]), ['one']);
  assert.deepEqual((await feed.read())!.records, []);
  await appendFile(path, ' and half\n');
  const next = async (): Promise<FeedBatch> => {
    for (;;) {
      const batch = await feed.read();
      if (batch === null || batch.records.length > 0) return batch!;
    }
  };
  const grown = await next();
  assert.deepEqual([texts([grown]), grown.lag], [['half and half'], 0]);
  await truncate(path, 3);
  await assert.rejects(next(), failsWith(/line 3 cannot be read: it was cut short/, /^/));
  await feed.close();
});
