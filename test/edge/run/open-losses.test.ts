import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SegmenterStatus } from '../../../src/domains/index.ts';
import { askOpenLosses } from '../../../src/edge/run/open-losses.ts';
import type { OpenSample } from '../../../src/edge/trainer/protocol.ts';

const open = (passages: number, openFirst: number): SegmenterStatus => ({
  passages,
  openFirst,
  openPassages: passages - openFirst,
  heldDomains: 0,
  heldPassages: 0,
  label: null,
  statistic: 0,
  threshold: 6,
  distances: [],
});

test('asked each time that the open domain has doubled from 100 on, again where the trainer was not free', () => {
  const asked: OpenSample[] = [];
  let free = true;
  const trainer = {
    measure(make: () => OpenSample): boolean {
      if (free) asked.push(make());
      return free;
    },
  };
  const state = {
    texts(indices: readonly number[]): string[] {
      assert.ok(free, 'nothing is read for a trainer that is not');
      return indices.map(String);
    },
    counts: { trained: 2 },
  };
  const ask = askOpenLosses({ state, trainer });
  for (let passages = 50; passages <= 1000; passages += 50) {
    free = passages !== 400;
    ask(open(passages, 0));
  }
  for (let passages = 1050; passages <= 1150; passages += 50) ask(open(passages, 1000));
  assert.deepEqual(
    asked.map(({ openPassages }) => openPassages),
    [100, 200, 450, 800, 100],
  );
  for (const { texts, task } of asked) {
    assert.equal(task, 2);
    assert.equal(new Set(texts).size, 64);
  }
  assert.ok(asked.at(-1)!.texts.every((text) => Number(text) >= 1000));
});
