import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeRng } from '../../src/rng.ts';
import { type MaskOptions, maskBatch, maskPositions } from '../../src/text/mask.ts';

const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 99 };
const isSpecial = new Set(Object.values(special));
const base: MaskOptions = { positions: 8, vocabSize: 100, special };

const batches = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), length: fc.integer({ min: 2, max: 40 }) })
  .chain(({ rows, length }) =>
    fc.record({
      blocks: fc.array(
        fc
          .array(fc.integer({ min: 0, max: 99 }), { minLength: length, maxLength: length })
          .map((ids) => Int32Array.from(ids)),
        { minLength: rows, maxLength: rows },
      ),
      positions: fc.integer({ min: 1, max: rows * length }),
      rate: fc.double({ min: 0, max: 1, noNaN: true }),
      seed: fc.integer(),
    }),
  );

test('positions are K distinct ones; only ordinary ids are predicted; labels are what stood there', () => {
  fc.assert(
    fc.property(batches, ({ blocks, positions, rate, seed }) => {
      const batch = maskBatch(blocks, { ...base, positions, rate }, makeRng(seed));
      const before = blocks.flatMap((block) => [...block]);
      const ordinary = before.filter((id) => !isSpecial.has(id)).length;
      const predicted = batch.weights.reduce((sum, w) => sum + w, 0);

      assert.equal(new Set(batch.positions).size, positions);
      const wanted = ordinary === 0 ? 0 : Math.max(1, Math.round(rate * ordinary));
      assert.equal(predicted, Math.min(positions, wanted));
      const predictedAt = new Set<number>();
      batch.positions.forEach((at, k) => {
        assert.ok(at >= 0 && at < before.length);
        assert.equal(batch.labels[k], before[at]);
        assert.ok(batch.weights[k] === 0 || batch.weights[k] === 1);
        if (batch.weights[k] === 1) {
          assert.ok(!isSpecial.has(before[at]!), 'a special id was chosen');
          predictedAt.add(at);
        }
      });
      batch.inputIds.forEach((id, at) => {
        if (!predictedAt.has(at)) assert.equal(id, before[at]);
        else assert.ok(id === special.mask || !isSpecial.has(id), 'a special id was drawn');
        assert.equal(batch.attention[at], before[at] === special.pad ? 0 : 1);
      });
    }),
  );
});

test('of the predicted ids 80 % are masked, 10 % replaced, 10 % kept, at the rate asked for', () => {
  const blocks = Array.from({ length: 400 }, (_, row) =>
    Int32Array.from({ length: 100 }, () => 4 + (row % 90)),
  );
  const vocabSize = 100_000; // so that a replacement is never the same id by chance
  const wide = { ...special, mask: vocabSize - 1 };
  const options = { positions: maskPositions(40_000), vocabSize, special: wide };
  const batch = maskBatch(blocks, options, makeRng('parts'));
  const parts = { mask: 0, other: 0, same: 0 };
  batch.positions.forEach((at, k) => {
    const id = batch.inputIds[at];
    parts[id === wide.mask ? 'mask' : id === batch.labels[k] ? 'same' : 'other']++;
  });
  assert.equal(batch.positions.length, 6000); // 15 % of 40,000
  assert.ok(Math.abs(parts.mask - 4800) < 125, `masked ${parts.mask}`); // 4 standard deviations
  assert.ok(Math.abs(parts.other - 600) < 93, `replaced ${parts.other}`);
  assert.ok(Math.abs(parts.same - 600) < 93, `kept ${parts.same}`);
});

test('every ordinary position is equally likely', () => {
  const block = Int32Array.from({ length: 20 }, (_, at) => (at === 0 ? special.bos : 50));
  const rng = makeRng('even');
  const hits = new Array<number>(20).fill(0);
  for (let i = 0; i < 9500; i++) {
    const { positions } = maskBatch([block], { ...base, positions: 2, rate: 0.1 }, rng);
    for (const at of positions) hits[at]!++;
  }
  assert.equal(hits[0], 0);
  for (const count of hits.slice(1)) assert.ok(Math.abs(count - 1000) < 130, `${count} of about 1000`);
});

test('the same seed masks the same, another seed does not', () => {
  const blocks = [Int32Array.from({ length: 64 }, (_, at) => 4 + at)];
  const once = maskBatch(blocks, base, makeRng('a'));
  assert.deepEqual(maskBatch(blocks, base, makeRng('a')), once);
  assert.notDeepEqual(maskBatch(blocks, base, makeRng('b')).positions, once.positions);
});

test('a batch of padding alone predicts nothing and still has its shape', () => {
  const batch = maskBatch([new Int32Array(16).fill(special.pad)], base, makeRng(1));
  assert.deepEqual([...batch.weights], new Array(8).fill(0));
  assert.equal(new Set(batch.positions).size, 8);
});

test('blocks of two lengths and too many positions are refused', () => {
  assert.throws(() => maskBatch([new Int32Array(4), new Int32Array(5)], base, makeRng(1)), RangeError);
  assert.throws(() => maskBatch([new Int32Array(4)], base, makeRng(1)), /no 8 positions/);
});
