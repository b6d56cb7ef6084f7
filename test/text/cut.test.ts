import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeRng } from '../../src/rng.ts';
import { cutBatch, partPositions } from '../../src/text/cut.ts';
import { type MlmBatch, maskBatch, maskPositions } from '../../src/text/mask.ts';

const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 4 };
const FIRST = 5;

const labelsOf = ({ labels, weights }: MlmBatch): number[] =>
  [...labels].filter((_, k) => weights[k] === 1).sort((a, b) => a - b);

const cases = fc.record({
  blocks: fc.integer({ min: 1, max: 12 }),
  length: fc.integer({ min: 3, max: 20 }),
  part: fc.integer({ min: 1, max: 12 }),
  padding: fc.integer({ min: 0, max: 240 }),
  room: fc.integer({ min: 1, max: 40 }),
  seed: fc.string(),
});

test('every split predicts what the whole batch does, each once, from the same ids', () => {
  fc.assert(
    fc.property(cases, ({ blocks, length, part, padding, room, seed }) => {
      const size = blocks * length;
      // every id but padding stands once in the batch, so that it says where it belongs
      const texts = Array.from({ length: blocks }, (_, row) =>
        Int32Array.from({ length }, (_, at) => {
          const place = row * length + at;
          return place >= size - padding ? special.pad : FIRST + place;
        }),
      );
      const positions = maskPositions(size);
      const batch = maskBatch(texts, { positions, vocabSize: FIRST + size, special }, makeRng(seed));
      const shape = { batch: part, length, positions: Math.min(room, part * length) };
      const parts = cutBatch(batch, shape, special.pad);
      assert.ok(parts.length >= 1);
      for (const cut of parts) {
        assert.equal(new Set(cut.positions).size, shape.positions, 'positions are distinct');
        const { inputIds, attention } = cut;
        assert.equal(inputIds.length, part * length);
        assert.ok(attention.every((one, at) => one === (inputIds[at] === special.pad ? 0 : 1)));
        for (const [k, at] of cut.positions.entries()) {
          if (cut.weights[k] === 0) continue;
          const start = cut.labels[k]! - FIRST - at;
          assert.equal(start % (part * length), 0, 'a position is not where its label stood');
          const own = batch.inputIds.subarray(start, start + part * length);
          assert.ok(inputIds.every((id, place) => id === (own[place] ?? special.pad)));
        }
      }
      assert.deepEqual(
        parts.flatMap(labelsOf).sort((a, b) => a - b),
        labelsOf(batch),
      );
    }),
  );
});

test('parts without anything to predict are left out, but for the only one', () => {
  const masked = (weight: number): MlmBatch => ({
    inputIds: Int32Array.of(0, 6, 7, 0, 8, 9, 0, 10, 11),
    attention: new Float32Array(9).fill(1),
    positions: Int32Array.of(4),
    labels: Int32Array.of(20),
    weights: Float32Array.of(weight),
  });
  const shape = { batch: 1, length: 3, positions: 2 };
  const [only, ...more] = cutBatch(masked(1), shape, 1);
  assert.deepEqual(more, []);
  assert.deepEqual(only, {
    inputIds: Int32Array.of(0, 8, 9),
    attention: Float32Array.of(1, 1, 1),
    positions: Int32Array.of(1, 0),
    labels: Int32Array.of(20, 0),
    weights: Float32Array.of(1, 0),
  });
  const none = cutBatch(masked(0), shape, 1);
  assert.equal(none.length, 1);
  assert.ok(none[0]!.weights.every((weight) => weight === 0));
});

test('K of a part leaves room for chance, and is never more than the part has ids', () => {
  assert.equal(partPositions(656, 0.15), 135); // mean 98.4, deviation 9.1
  assert.equal(partPositions(3, 0.15), 3);
  assert.equal(partPositions(1, 0.15), 1);
});
