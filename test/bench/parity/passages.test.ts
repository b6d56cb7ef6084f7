import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { HOSTILE_STRINGS, NoPassages, realPassages } from '../../../bench/parity/passages.ts';

const root = await mkdtemp(join(tmpdir(), 'cpt-passages-'));
after(() => rm(root, { recursive: true }));

async function pool(name: string, texts: readonly unknown[]): Promise<void> {
  await mkdir(join(root, name), { recursive: true });
  const lines = texts.map((text) => JSON.stringify({ text })).join('\n');
  await writeFile(join(root, name, 'some.jsonl.gz'), gzipSync(`${lines}\n`));
}

test('passages come from every file in turn, spread over the whole of each, none twice', async () => {
  await pool('a', [...Array.from({ length: 10 }, (_, at) => `a${at}`), 'a0', ' ', 7]);
  await pool('b/deep', ['b0', 'b1', 'b2', 'b3']);
  assert.deepEqual(realPassages(root, 4), ['a0', 'b0', 'a5', 'b2']);
  assert.deepEqual(realPassages(root, 5), ['a0', 'b0', 'a3', 'b1', 'a6']);
});

test('passages that are not there are said to be missing', () => {
  assert.throws(() => realPassages(undefined, 1), NoPassages);
  for (const [folder, count] of [
    [root, 1000],
    [join(root, 'no-such'), 1],
  ] as const) {
    assert.throws(
      () => realPassages(folder, count),
      (error: unknown) => error instanceof NoPassages && error.message.includes(folder),
    );
  }
});

test('the hostile strings spell special tokens of both styles and hold what is no character', () => {
  for (const spelt of ['[MASK]', '<mask>', '</s>']) assert.ok(HOSTILE_STRINGS.includes(spelt));
  assert.ok(HOSTILE_STRINGS.some((text) => Buffer.from(text).toString() !== text));
});
