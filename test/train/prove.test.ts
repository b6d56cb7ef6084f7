import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Lineage, Version } from '../../src/train/lineage.ts';
import { toProve } from '../../src/train/prove.ts';

const versions = Array.from({ length: 20 }, (_, at) => ({ task: at + 1, domain: `d${at + 1}` }) as Version);
const lineage = (count: number, tasks = count) =>
  ({ versions: versions.slice(0, count), tasks }) as unknown as Lineage;
const numbers = (of: readonly Version[]) => of.map(({ task }) => task);

test('a small lineage is proved whole, and answers by the length of the task', () => {
  const near = [versions[2]!, versions[0]!, versions[1]!];
  assert.deepEqual(numbers(toProve(lineage(3), near, 40).weights), [1, 2, 3]);
  assert.deepEqual(numbers(toProve(lineage(3), near, 40).answers), [2, 3]);
  for (const [steps, answers] of [
    [1, 1],
    [39, 1],
    [40, 2],
    [79, 3],
    [1000, 4],
  ] as const) {
    assert.equal(toProve(lineage(20), versions, steps).answers.length, answers);
  }
  assert.deepEqual(toProve(lineage(0), [], 40), { weights: [], answers: [] });
});

test('the nearest are always among them, and every version has its turn', () => {
  const near = [versions[7]!, versions[3]!];
  const seen = { weights: new Set<number>(), answers: new Set<number>() };
  for (let tasks = 20; tasks < 60; tasks++) {
    const { weights, answers } = toProve(lineage(20, tasks), near, 100);
    assert.ok(numbers(weights).includes(8) && numbers(weights).includes(4));
    assert.ok(numbers(answers).includes(8));
    for (const task of numbers(weights)) seen.weights.add(task);
    for (const task of numbers(answers)) seen.answers.add(task);
  }
  assert.equal(seen.weights.size, 20);
  assert.equal(seen.answers.size, 20);
});
