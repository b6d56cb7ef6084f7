import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDeadLetters, type Rejection } from '../../src/edge/dead-letters.ts';
import { CptError } from '../../src/errors.ts';

const folder = await mkdtemp(join(tmpdir(), 'cpt-dead-letters-'));
after(() => rm(folder, { recursive: true, force: true }));

let files = 0;
const fresh = (): string => join(folder, `${files++}.jsonl`);
const lines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
const positions = (path: string): unknown[] => lines(path).map((line) => line.position);

function rejection(position: string, bytes: Uint8Array | null = Buffer.from(position)): Rejection {
  return {
    record: { position, bytes, size: bytes?.length ?? 0 },
    reason: 'invalid_json',
    detail: 'why\n"quoted"',
  };
}

test('a letter has the place, the reason and the bytes', async () => {
  const path = fresh();
  const letters = await openDeadLetters(path, 0);
  const bytes = Uint8Array.from([0xff, 0, 10, 13, 0xe2]);
  await letters.append([
    { record: { position: 'a:1', bytes, size: 5, domain: 'x' }, reason: 'invalid_utf8', detail: 'byte 0' },
    { record: { position: 'a:2', bytes: null, size: 0 }, reason: 'tombstone', detail: 'none' },
    {
      record: { position: 'a:3', bytes: Buffer.alloc(1 << 20, 'x'), size: 1e8 },
      reason: 'oversized',
      detail: 'd',
    },
  ]);
  await letters.close();
  const [first, second, third] = lines(path);
  const expected = {
    position: 'a:1',
    reason: 'invalid_utf8',
    detail: 'byte 0',
    size: 5,
    bytes: '/wAKDeI=',
    domain: 'x',
  };
  assert.deepEqual(first, expected);
  assert.equal(second!.bytes, null);
  assert.equal(third!.size, 1e8);
  assert.equal(Buffer.from(String(third!.bytes), 'base64').length, 65_536);
});

test('append gives the length that is on disk; nothing to write is no change', async () => {
  const path = fresh();
  const letters = await openDeadLetters(path, 0);
  assert.equal(await letters.append([]), 0);
  const one = await letters.append([rejection('a:1')]);
  assert.equal((await stat(path)).size, one);
  const two = await letters.append([rejection('a:2'), rejection('é:3')]);
  assert.equal((await stat(path)).size, two);
  assert.equal(await letters.append([]), two);
  await letters.close();
  assert.deepEqual(positions(path), ['a:1', 'a:2', 'é:3']);
});

test('a crash at any moment leaves every letter once', async () => {
  // The state's transaction either happened (its length is known) or not; the letters are on disk either way.
  const path = fresh();
  const all = Array.from({ length: 12 }, (_, i) => `feed:${i + 1}`);
  let stored = { length: 0, next: 0 };
  for (let run = 0; stored.next < all.length; run++) {
    const letters = await openDeadLetters(path, stored.length);
    for (let batch = 0; stored.next < all.length; batch++) {
      const now = all.slice(stored.next, stored.next + 2);
      const length = await letters.append(now.map((position) => rejection(position)));
      if (batch === run % 3) break; // killed before the transaction
      stored = { length, next: stored.next + now.length };
    }
    await letters.close();
    assert.ok(run < 20);
  }
  assert.deepEqual(positions(path), all);
});

test('a torn line is cut off', async () => {
  const path = fresh();
  const first = await openDeadLetters(path, 0);
  const length = await first.append([rejection('a:1')]);
  await first.append([rejection('a:2')]);
  await first.close();
  await truncate(path, length + 17);
  const again = await openDeadLetters(path, length);
  await again.append([rejection('a:2')]);
  await again.close();
  assert.deepEqual(positions(path), ['a:1', 'a:2']);
});

test('a file that a person emptied or removed is gone on with', async () => {
  const path = fresh();
  const first = await openDeadLetters(path, 0);
  const length = await first.append([rejection('a:1'), rejection('a:2')]);
  await first.close();
  await writeFile(path, '');
  const second = await openDeadLetters(path, length);
  const now = await second.append([rejection('a:3')]);
  await second.close();
  assert.deepEqual([positions(path), (await stat(path)).size], [['a:3'], now]);
  await rm(path);
  const third = await openDeadLetters(path, now);
  await third.append([rejection('a:4')]);
  await third.close();
  assert.deepEqual(positions(path), ['a:4']);
});

test('a full disk and a place that is none', async () => {
  if (existsSync('/dev/full')) {
    const full = await openDeadLetters('/dev/full', 0);
    await assert.rejects(full.append([rejection('a:1')]), (error: unknown) => {
      assert.ok(error instanceof CptError);
      assert.equal(error.code, 'CPT_DISK_FULL');
      return true;
    });
    await full.close();
  } else {
    assert.notEqual(process.platform, 'linux', 'Linux has /dev/full');
  }
  const code = (error: unknown): boolean => error instanceof CptError && error.code === 'CPT_STATE';
  await assert.rejects(openDeadLetters(join(folder, 'none', 'letters.jsonl'), 0), code);
  await assert.rejects(openDeadLetters(folder, 0), code);
});
