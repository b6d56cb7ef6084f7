import assert from 'node:assert/strict';
import { test } from 'node:test';
import { from, lastValueFrom, toArray } from 'rxjs';
import { featurize } from '../../src/domains/index.ts';
import type { Passage } from '../../src/stream/accept-records.ts';
import { addFeatures } from '../../src/stream/add-features.ts';

const passage = (text: string): Passage => ({ text, domain: null, time: null });
const batches = [
  { at: 0, passages: ['a', 'b'].map(passage) },
  { at: 1, passages: [] },
  { at: 2, passages: ['c'].map(passage) },
];

test('each passage gets its features, batches keep their order and what else they hold', async () => {
  const asked: (readonly string[])[] = [];
  const make = async (texts: readonly string[]) => {
    asked.push(texts);
    await new Promise((resolve) => setTimeout(resolve, 3 - texts.length)); // the larger is done sooner
    return texts.map(featurize);
  };
  const out = await lastValueFrom(from(batches).pipe(addFeatures(make), toArray()));
  assert.deepEqual(asked, [['a', 'b'], [], ['c']]);
  assert.deepEqual(
    out.map(({ at, passages }) => [at, passages.map(({ text, features }) => [text, features])]),
    batches.map(({ at, passages }) => [at, passages.map(({ text }) => [text, featurize(text)])]),
  );
});

test('where none are made, batches pass untouched', async () => {
  const out = await lastValueFrom(
    from(batches).pipe(
      addFeatures(async () => null),
      toArray(),
    ),
  );
  assert.ok(out.every((batch, at) => batch === batches[at]));
});
