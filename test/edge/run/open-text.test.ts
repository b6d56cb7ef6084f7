import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { SegmenterStatus } from '../../../src/domains/index.ts';
import { sampleOf, watchOpenText } from '../../../src/edge/run/open-text.ts';
import { makeRng } from '../../../src/rng.ts';
import { tinyPassages, tinyTokenizerOf } from '../../fixtures/tiny.ts';

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'cpt-open-'));
fs.writeFileSync(path.join(base, 'tokenizer.json'), tinyTokenizerOf('bert')['tokenizer.json']);
process.on('exit', () => fs.rmSync(base, { recursive: true }));

const open = (passages: number, openFirst: number): SegmenterStatus => ({
  passages,
  openFirst,
  openPassages: passages - openFirst,
  heldDomains: 0,
  heldPassages: 0,
  statistic: 0,
  label: null,
  threshold: 6,
  distances: [],
});

test('a sample is of the range, without repeats, and the same for the same numbers', () => {
  const sample = sampleOf(100, 400, 32);
  assert.equal(new Set(sample).size, 32);
  assert.ok(sample.every((index, at) => index >= 100 && index < 400 && index > (sample[at - 1] ?? 99)));
  assert.deepEqual(sampleOf(100, 400, 32), sample);
  assert.notDeepEqual(sampleOf(100, 401, 32), sample);
  assert.deepEqual(sampleOf(5, 8, 32), [5, 6, 7]);
});

test('measured from 32 passages on and every 100, of the newest 512, anew with each domain', async () => {
  const asked: number[][] = [];
  const known = tinyPassages('sea', 2000, makeRng('known'));
  const texts = (indices: readonly number[]) => {
    asked.push([...indices]);
    return indices.map((index) => (index < 1000 ? known[index]! : 'zyx wvu 42'));
  };
  const watch = watchOpenText({ lineage: 'l', base, state: { texts }, clock: () => 0 });
  const told: (readonly [number, number])[] = [];
  for (let passages = 10; passages <= 1200; passages += 10) {
    for (const event of await watch(open(passages, passages < 1050 ? 0 : 1000))) {
      assert.ok(event.event === 'OpenTextMeasured' && event.sampled === 32);
      told.push([event.openPassages, event.outOfVocabulary!]);
    }
  }
  assert.deepEqual(
    told.map(([size]) => size),
    [40, 140, 240, 340, 440, 540, 640, 740, 840, 940, 1040, 50, 150],
  );
  assert.ok(asked[10]!.every((index) => index >= 1040 - 512));
  // all words of the first domain are tokens; of the strange ones none is
  assert.deepEqual(
    told.map(([, rate]) => rate).filter((_, at) => at < 10),
    new Array(10).fill(0),
  );
  assert.deepEqual(
    told.slice(11).map(([, rate]) => rate),
    [1, 1],
  );
});

test('what is slow is done less: 49 times as long as a measurement took there is none', async () => {
  let now = 0;
  const state = {
    texts: (indices: readonly number[]) => {
      now += 2; // seconds that reading takes
      return indices.map(() => 'the tide');
    },
  };
  const watch = watchOpenText({ lineage: 'l', base, state, clock: () => now });
  const at: number[] = [];
  for (let passages = 100; passages <= 30_000; passages += 100) {
    if ((await watch(open(passages, 0))).length > 0) at.push(passages);
    now += 1;
  }
  // from 2 s, when the first is done, 98 s of rest with a batch of 100 passages in each
  assert.deepEqual(at.slice(0, 3), [100, 9900, 19_700]);
});
