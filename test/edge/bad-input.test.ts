/** Hostile records between good ones: each becomes a dead letter with its place, and every good one comes through. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openDeadLetters, type Rejection } from '../../src/edge/dead-letters.ts';
import type { FeedOffsets, OpenFeed } from '../../src/edge/feed/feed.ts';
import { openFileFeed } from '../../src/edge/feed/file.ts';
import type { DeadLetterReason } from '../../src/errors.ts';
import { makeRng } from '../../src/rng.ts';
import { decodePassage } from '../../src/text/decode.ts';

const folder = await mkdtemp(join(tmpdir(), 'cpt-bad-input-'));
after(() => rm(folder, { recursive: true, force: true }));

const MAX_BYTES = 1 << 16;
const bytes = (...parts: (string | number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)));
const json = (value: unknown): Buffer => bytes(JSON.stringify(value));

const HOSTILE: readonly (readonly [what: string, line: Buffer, reason: DeadLetterReason])[] = [
  ['a lone continuation byte', bytes('caf', [0x80], '!'), 'invalid_utf8'],
  ['Latin-1', bytes('{"text":"caf', [0xe9], '"}'), 'invalid_utf8'],
  ['a character that the line end cuts', bytes('{"text":"x"} ', [0xe2, 0x82]), 'invalid_utf8'],
  ['an overlong slash', bytes([0xc0, 0xaf]), 'invalid_utf8'],
  ['an encoded surrogate', bytes('x', [0xed, 0xa0, 0x80]), 'invalid_utf8'],
  ['an escaped surrogate without its pair', bytes('{"text":"x\\ud800y"}'), 'invalid_utf8'],
  ['truncated JSON', bytes('{"text":"the end of this line is mis'), 'invalid_json'],
  ['two objects on a line', bytes('{"text":"a"}{"text":"b"}'), 'invalid_json'],
  ['a trailing comma', bytes('{"text":"a",}'), 'invalid_json'],
  ['a Python dictionary', bytes("{'text': 'a'}"), 'invalid_json'],
  ['ten thousand open objects', bytes('{"a":'.repeat(10_000)), 'invalid_json'],
  ['no text', json({ body: 'the text is elsewhere' }), 'missing_text'],
  ['text that is null', json({ text: null }), 'missing_text'],
  ['text that is a number', json({ text: 42 }), 'missing_text'],
  ['text that is an object', json({ text: { text: 'x' } }), 'missing_text'],
  ['text that only the prototype has', bytes('{"__proto__":{"text":"inherited"}}'), 'missing_text'],
  ['empty text', json({ text: '' }), 'empty_text'],
  ['text of white space', json({ text: ' \t\n\u2003' }), 'empty_text'],
  ['a line of white space', bytes('  \t '), 'empty_text'],
  ['text of invisible characters', json({ text: '\u200b\u200d\u2060' }), 'empty_text'],
  ['a raw NUL', bytes('{"text":"a', [0], 'b"}'), 'nul_bytes'],
  ['an escaped NUL', bytes('{"text":"a\\u0000b"}'), 'nul_bytes'],
  ['a block of zeros', Buffer.alloc(512), 'nul_bytes'],
  ['one byte over the bound', Buffer.alloc(MAX_BYTES + 1, 'x'), 'oversized'],
  ['a line of three megabytes', Buffer.alloc(3_000_000, 'y'), 'oversized'],
  ['good text in too large a record', json({ text: 'x', pad: 'p'.repeat(MAX_BYTES) }), 'oversized'],
  ['a domain that climbs', json({ text: 'x', domain: '../../etc/passwd' }), 'invalid_domain'],
  ['a domain that is main', json({ text: 'x', domain: 'main' }), 'invalid_domain'],
  ['a domain that every object has', json({ text: 'x', domain: 'constructor' }), 'invalid_domain'],
  ['a domain that is a list', json({ text: 'x', domain: ['a'] }), 'invalid_domain'],
  ['a domain of 65 letters', json({ text: 'x', domain: 'd'.repeat(65) }), 'invalid_domain'],
];

const GOOD: readonly (readonly [line: Buffer, text: string])[] = [
  [bytes('plain words'), 'plain words'],
  [json({ text: 'in an object' }), 'in an object'],
  [bytes('  {"text":"indented"}\r'), 'indented'],
  [
    json({ text: 'emoji 👩‍👩‍👧 and \u202eright to left\u202c' }),
    'emoji 👩‍👩‍👧 and \u202eright to left\u202c',
  ],
  [bytes('{"text":"own","__proto__":{"x":1},"y":', '['.repeat(5000), ']'.repeat(5000), '}'), 'own'],
  [Buffer.alloc(MAX_BYTES, 'z'), 'z'.repeat(MAX_BYTES)], // just within the bound
  [bytes('</s><mask>'), '</s><mask>'],
  [json({ text: 'named', domain: 'reviews' }), 'named'],
];

interface Outcome {
  readonly texts: string[];
  readonly letters: Rejection[];
  readonly offsets: FeedOffsets | null;
}

/** Reads a feed to its end, or until so many batches. */
async function readAll(
  open: OpenFeed,
  from: FeedOffsets | null,
  most = Number.POSITIVE_INFINITY,
): Promise<Outcome> {
  const feed = await open(from);
  const texts: string[] = [];
  const letters: Rejection[] = [];
  let offsets = from;
  for (let read = 0; read < most; read++) {
    const batch = await feed.read();
    if (batch === null) break;
    for (const record of batch.records) {
      const decoded = decodePassage(record, { maxBytes: MAX_BYTES });
      if (decoded.ok) texts.push(decoded.text);
      else if (decoded.reason !== 'language') {
        letters.push({ record, reason: decoded.reason, detail: decoded.detail });
      }
    }
    offsets = batch.offsets;
  }
  await feed.close();
  return { texts, letters, offsets };
}

/** Every hostile record once, in seeded random order, among good ones and empty lines. */
function mixture(seed: number) {
  const rng = makeRng(seed);
  const hostile = HOSTILE.map(([what, line, reason]) => ({ what, line, reason, text: null }));
  const good = Array.from({ length: 60 }, () => GOOD[rng.int(GOOD.length)]!).map(([line, text]) => ({
    line,
    text,
  }));
  const blank = Array.from({ length: 10 }, () => ({ line: bytes(rng.int(2) ? '\r' : '') }));
  const lines = rng.shuffle<
    { what?: string; line: Buffer; reason?: DeadLetterReason; text?: string | null }[]
  >([...hostile, ...good, ...blank]);
  const content = Buffer.concat(lines.flatMap(({ line }) => [line, bytes('\n')]));
  const texts = lines.flatMap(({ text }) => (typeof text === 'string' ? [text] : []));
  const letters = lines.flatMap(({ what, line, reason }, at) =>
    reason === undefined ? [] : [{ what, line, reason, number: at + 1 }],
  );
  return { content, texts, letters };
}

for (const kind of ['file', 'gzip', 'pipe'] as const) {
  test(`${kind}: every hostile record is a dead letter with reason and place, every good one comes through`, async () => {
    for (const seed of [1, 2, 3]) {
      const { content, texts, letters } = mixture(seed);
      const path = join(folder, `${kind}${seed}.jsonl`);
      await writeFile(path, kind === 'gzip' ? gzipSync(content) : content);
      const chunks = (): Readable =>
        Readable.from(
          Array.from({ length: Math.ceil(content.length / 4099) }, (_, i) =>
            content.subarray(i * 4099, (i + 1) * 4099),
          ),
        );
      const limits = { maxBytes: MAX_BYTES + 100, batchRecords: 9 };
      const open: OpenFeed = (from) =>
        openFileFeed(kind === 'pipe' ? '-' : path, { ...limits, stdin: chunks() })(from);
      const name = kind === 'pipe' ? 'stdin' : `${kind}${seed}.jsonl`;

      const read = await readAll(open, null);
      assert.deepEqual(read.texts, texts);
      assert.deepEqual(
        read.letters.map(({ record, reason }) => [record.position, reason, record.size]),
        letters.map(({ number, reason, line }) => [`${name}:${number}`, reason, line.length]),
      );
      for (const [at, { record, detail }] of read.letters.entries()) {
        const { line, what } = letters[at]!;
        assert.ok(detail.length > 0 && detail.length <= 201, what);
        assert.deepEqual(Buffer.from(record.bytes!), line.subarray(0, limits.maxBytes), what);
      }

      // Stopped after any batch and opened again, it is the same.
      for (const stop of [1, 4]) {
        const before = await readAll(open, null, stop);
        const later = await readAll(open, before.offsets);
        assert.deepEqual([...before.texts, ...later.texts], texts);
        assert.equal(before.letters.length + later.letters.length, letters.length);
      }
    }
  });
}

test('the dead-letter file gives the records back as they came', async () => {
  const { content, letters } = mixture(4);
  const path = join(folder, 'kept.jsonl');
  await writeFile(path, content);
  const read = await readAll(openFileFeed(path), null);
  const file = await openDeadLetters(join(folder, 'dead-letters.jsonl'), 0);
  await file.append(read.letters);
  await file.close();
  const kept = readFileSync(join(folder, 'dead-letters.jsonl'), 'utf8').trimEnd().split('\n');
  assert.equal(kept.length, HOSTILE.length);
  for (const [at, line] of kept.entries()) {
    const { position, reason, size, bytes: base64 } = JSON.parse(line);
    const expected = letters[at]!;
    assert.deepEqual(
      [position, reason, size],
      [`kept.jsonl:${expected.number}`, expected.reason, expected.line.length],
    );
    assert.deepEqual(Buffer.from(base64, 'base64'), expected.line.subarray(0, 1 << 16), expected.what);
  }
});
