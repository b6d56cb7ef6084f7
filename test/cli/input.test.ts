import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { openInput } from '../../src/cli/input.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'cpt-input-'));
after(() => rm(folder, { recursive: true, force: true }));

test('a read that is over leaves nothing behind on the signal', async () => {
  const file = path.join(folder, 'lines');
  await writeFile(file, 'line\n'.repeat(1200));
  const { signal } = new AbortController();
  const feed = await openInput(file, { maxBytes: 100, signal });
  let records = 0;
  for (let batch = await feed.read(); batch !== null; batch = await feed.read()) {
    records += batch.records.length;
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  }
  assert.equal(records, 1200);
  await feed.close();
});

test('the signal ends a read that waits, and every later one', async () => {
  const controller = new AbortController();
  const stdin = new PassThrough();
  stdin.write('line\n');
  const feed = await openInput('-', { maxBytes: 100, stdin, signal: controller.signal });
  assert.equal((await feed.read())?.records.length, 1);
  const waiting = feed.read();
  const reason = new Error('stopped');
  controller.abort(reason);
  await assert.rejects(waiting, reason);
  await assert.rejects(feed.read(), reason);
  stdin.end();
  await feed.close();
});
