import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { packPassages } from '../../src/text/pack.ts';

const special = { bos: 0, pad: 1, eos: 2, unk: 3, mask: 99 };

test('passages are laid end to end, an end marker behind each, the last block padded', () => {
  const blocks = packPassages([[10, 11], [], [12, 13, 14, 15], [16]], 5, special);
  assert.deepEqual(
    blocks.map((block) => [...block]),
    [
      [0, 10, 11, 2, 12],
      [0, 13, 14, 15, 2],
      [0, 16, 2, 1, 1],
    ],
  );
});

test('no passages, no blocks; a block of one id cannot be', () => {
  assert.deepEqual(packPassages([], 8, special), []);
  assert.deepEqual(packPassages([[], []], 8, special), []);
  assert.throws(() => packPassages([[5]], 1, special), RangeError);
});

test('nothing is lost, doubled or moved, and only the last block has padding', () => {
  const passages = fc.array(fc.array(fc.integer({ min: 4, max: 98 }), { maxLength: 30 }), { maxLength: 20 });
  fc.assert(
    fc.property(passages, fc.integer({ min: 2, max: 40 }), (encoded, length) => {
      const blocks = packPassages(encoded, length, special);
      for (const [index, block] of blocks.entries()) {
        assert.equal(block.length, length);
        assert.equal(block[0], special.bos);
        assert.notEqual(block[1], special.pad);
        if (index < blocks.length - 1) assert.ok(!block.includes(special.pad));
      }
      const laid = blocks.flatMap((block) => [...block.subarray(1)].filter((id) => id !== special.pad));
      const expected = encoded.filter((ids) => ids.length > 0).flatMap((ids) => [...ids, special.eos]);
      assert.deepEqual(laid, expected);
    }),
  );
});
