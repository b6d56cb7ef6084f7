import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawInto, type Sample } from '../../../src/edge/state/sample.ts';
import { makeRng } from '../../../src/rng.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, k) => from + k);
const empty: Sample = { kept: [], seen: 0, most: 10, bytes: 0 };
const one = () => 1;

test('within its bounds nothing falls out; beyond them it stays at its size', () => {
  const bounds = { passages: 10, bytes: 100 };
  const first = drawInto(empty, range(0, 10), bounds, one, makeRng(1));
  assert.deepEqual([first.kept, first.out, first.bytes], [range(0, 10), [], 10]);
  const second = drawInto(first, range(10, 40), bounds, one, makeRng(1));
  assert.deepEqual([second.kept.length, second.out.length, second.seen, second.bytes], [10, 30, 40, 10]);
  assert.deepEqual(drawInto(first, range(10, 40), bounds, one, makeRng(1)), second);
});

test('each passage is in the sample as often as any other, however it came: all at once or in pieces', () => {
  const times = new Uint32Array(40);
  const rounds = 2000;
  for (let round = 0; round < rounds; round++) {
    const rng = makeRng(round);
    let sample = empty;
    for (const [from, to] of [
      [0, 7],
      [7, 25],
      [25, 40],
    ] as const) {
      sample = drawInto(sample, range(from, to), { passages: 10, bytes: 1e9 }, one, rng.fork(from));
    }
    for (const index of sample.kept) times[index]!++;
  }
  // a quarter of the rounds each; the standard deviation is 19.4
  for (const count of times) assert.ok(Math.abs(count - rounds / 4) < 5 * 19.4, `${times}`);
});

test('too many bytes make it smaller, and it stays so', () => {
  const bounds = { passages: 10, bytes: 50 };
  const size = (index: number): number => (index < 10 ? 5 : 10);
  const full = drawInto(empty, range(0, 10), bounds, size, makeRng(2));
  assert.deepEqual([full.kept.length, full.bytes, full.most], [10, 50, 10]);
  const heavier = drawInto(full, range(10, 200), bounds, size, makeRng(2));
  assert.ok(heavier.bytes <= 50 && heavier.most === heavier.kept.length && heavier.most < 10);
});

test('whatever comes, each passage is in the sample or out of it, and the bytes are those of the sample', () => {
  const sizes = fc.array(fc.nat(30), { maxLength: 60 });
  const property = fc.property(
    sizes,
    fc.integer({ min: 1, max: 12 }),
    fc.nat(99),
    fc.nat(60),
    (all, most, bytes, cut) => {
      const bounds = { passages: most, bytes };
      const sizeOf = (index: number): number => all[index]!;
      const sample = { ...empty, most };
      const first = drawInto(sample, range(0, Math.min(cut, all.length)), bounds, sizeOf, makeRng(3));
      const last = drawInto(first, range(Math.min(cut, all.length), all.length), bounds, sizeOf, makeRng(4));
      const everyone = [...last.kept, ...first.out, ...last.out].sort((a, b) => a - b);
      assert.deepEqual(everyone, range(0, all.length));
      assert.equal(
        last.bytes,
        last.kept.reduce((sum, index) => sum + all[index]!, 0),
      );
      assert.ok(last.kept.length <= most && (last.bytes <= bytes || last.kept.length === 1));
      assert.equal(last.seen, all.length);
    },
  );
  fc.assert(property, { numRuns: 100 });
});
