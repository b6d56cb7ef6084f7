import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { digestOf, fileContent, getChecked, getToFile } from '../../../src/edge/objects/checked.ts';
import { lineageKeys } from '../../../src/edge/objects/keys.ts';
import { openObjectStore } from '../../../src/edge/objects/object-store.ts';
import { decodePassages, encodePassages } from '../../../src/edge/objects/passages.ts';
import { getTaskData, putTaskData, removeTaskData } from '../../../src/edge/objects/task-data.ts';
import { CptError } from '../../../src/errors.ts';

const place = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-task-data-'));
after(() => fs.rmSync(place, { recursive: true }));
const refused = (what: RegExp) => (error: unknown) =>
  error instanceof CptError && error.code === 'CPT_STORE' && what.test(error.message);
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

test('passages come back as they were, whatever they hold', () => {
  assert.equal(Buffer.from(encodePassages(['a\n"b"', 'ü'])).toString(), '"a\\n\\"b\\""\n"ü"\n');
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (texts) => {
      assert.deepEqual(decodePassages(encodePassages(texts), texts.length), texts);
    }),
  );
});

test('passages that are others, fewer, more or spelt otherwise are refused', () => {
  const cases: readonly [string, number, RegExp][] = [
    ['"a"\n', 2, /there are 1, not 2/],
    ['"a"\n"b"\n', 1, /more than 1/],
    ['"a"', 1, /does not end/],
    ['"a"\n\n', 2, /line 2/],
    ['"\\u0061"\n', 1, /line 1/],
    [' "a"\n', 1, /line 1/],
    ['7\n', 1, /line 1/],
    ['{"a":1}\n', 1, /line 1/],
  ];
  for (const [text, count, what] of cases)
    assert.throws(() => decodePassages(utf8(text), count), refused(what));
  assert.throws(() => decodePassages(new Uint8Array([34, 0xff, 34, 10]), 1), refused(/line 1/));
});

test('the data of a task is put, found again, and removed; damage is seen', async () => {
  const store = await openObjectStore(path.join(place, 'store'));
  const signatures = [{ domain: 'd1', counts: [1, 2.5] }];
  const first = { lineage: 'news', task: 1 };
  const data = await putTaskData(store, first, ['one', 'two'], signatures);
  assert.deepEqual(await putTaskData(store, first, ['one', 'two'], signatures), data);
  assert.deepEqual(data.passages, { ...digestOf(utf8('"one"\n"two"\n')), count: 2 });
  assert.deepEqual(await getTaskData(store, first, data), { texts: ['one', 'two'], signatures });
  const keys = lineageKeys('news');
  await store.put(keys.passages(1, data.passages.sha256), utf8('"one"\n"too"\n'));
  await assert.rejects(getTaskData(store, first, data), refused(/hash/));
  // a feed that is played again brings the same passages for another task: these stay
  const again = { lineage: 'news', task: 3 };
  await putTaskData(store, again, ['one', 'two'], signatures);
  await removeTaskData(store, first, data);
  assert.deepEqual(await getTaskData(store, again, data), { texts: ['one', 'two'], signatures });
  await removeTaskData(store, again, data);
  await removeTaskData(store, again, data);
  assert.deepEqual(await store.list(''), []);
  await assert.rejects(getTaskData(store, first, data), refused(/has no/));
});

test('a file is fetched whole with its hash or not at all', async () => {
  const store = await openObjectStore(path.join(place, 'files'));
  const content = Buffer.alloc(2_500_000, 'x');
  await store.putIfAbsent('a', content);
  const file = path.join(place, 'fetched', 'a.bin');
  const wanted = digestOf(content);
  await assert.rejects(getToFile(store, 'b', file, wanted), refused(/has no b/));
  await assert.rejects(getToFile(store, 'a', file, { ...wanted, bytes: 1000 }), refused(/hash/));
  await assert.rejects(getToFile(store, 'a', file, { ...wanted, sha256: '0'.repeat(64) }), refused(/hash/));
  await assert.rejects(getChecked(store, 'a', { ...wanted, bytes: 1000 }), refused(/2500000/));
  assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
  await getToFile(store, 'a', file, wanted);
  assert.deepEqual(await fileContent(file), { file, ...wanted });
  assert.equal(await fileContent(`${file}x`), null);
});
