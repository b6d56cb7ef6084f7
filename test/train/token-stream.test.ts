import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRng } from '../../src/rng.ts';
import { blocksOf, idsRead, phaseBlocks } from '../../src/train/token-stream.ts';

const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 4 };
const stream = Uint32Array.from({ length: 10_000 }, (_, at) => 70_000 + at);
const shape = { batch: 3, length: 7 };
const inner = (blocks: readonly Int32Array[]): number[] => blocks.flatMap((block) => [...block.slice(1, -1)]);

test('a block is framed and holds what follows in the stream', () => {
  const [block] = phaseBlocks(stream, 0, shape, special, makeRng('a'))(0);
  assert.deepEqual([block![0], block!.at(-1), block!.length], [special.bos, special.eos, 7]);
  for (let at = 2; at < 6; at++) assert.equal(block![at]! - block![at - 1]!, 1);
});

test('a window of steps reads a stretch of the stream once, shuffled; the next phase reads on', () => {
  const blocks = phaseBlocks(stream, 40, shape, special, makeRng('a'));
  const read = Array.from({ length: 256 }, (_, done) => inner(blocks(done))).flat();
  const wanted = Array.from({ length: 256 * 3 * 5 }, (_, at) => 70_040 + at);
  assert.notDeepEqual(read, wanted);
  assert.deepEqual(
    [...read].sort((a, b) => a - b),
    wanted,
  );
  assert.equal(idsRead([{ ...shape, steps: 256 }]), wanted.length);
});

test('any step can be begun with', () => {
  const all = phaseBlocks(stream, 0, shape, special, makeRng('a'));
  const steps = Array.from({ length: 300 }, (_, done) => inner(all(done)));
  for (const done of [0, 7, 255, 256, 299]) {
    assert.deepEqual(inner(phaseBlocks(stream, 0, shape, special, makeRng('a'))(done)), steps[done]);
  }
});

test('behind its end the stream is read from its beginning, also where it is shorter than a block', () => {
  const short = Uint16Array.of(5, 6, 7);
  const [block] = phaseBlocks(short, 0, { batch: 1, length: 9 }, special, makeRng('a'))(0);
  const start = [5, 6, 7].indexOf(block![1]!);
  assert.deepEqual(
    [...block!.slice(1, -1)],
    Array.from({ length: 7 }, (_, at) => short[(start + at) % 3]),
  );
});

test('held-out text is laid out in order, the rest of it left out', () => {
  const blocks = blocksOf(Uint16Array.of(9, 8, 7, 6, 5), 4, special);
  assert.deepEqual(
    blocks.map((block) => [...block]),
    [
      [0, 9, 8, 2],
      [0, 7, 6, 2],
    ],
  );
});
