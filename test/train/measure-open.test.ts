import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MlmBatch } from '../../src/text/mask.ts';
import { measureOpen, type OpenEvaluator } from '../../src/train/measure-open.ts';
import { tinyBase } from '../fixtures/tiny.ts';

const { tokenizer } = tinyBase();

/** Answers with the number of blocks that it was given. */
function counting(maskedTokens = 5): OpenEvaluator & { blocks: number } {
  return {
    blocks: 0,
    batches(blocks) {
      this.blocks = blocks.length;
      return [] as MlmBatch[];
    },
    base: async () => ({ loss: 6, accuracy: 0, maskedTokens }),
    current: async () => 5,
  };
}

test('a sample is at most sixteen blocks', async () => {
  const long = counting();
  const losses = await measureOpen(['salt '.repeat(2000)], { tokenizer }, { length: 32 }, long);
  assert.deepEqual(losses, { maskedTokens: 5, base: 6, current: 5 });
  assert.equal(long.blocks, 16);
  const short = counting();
  await measureOpen(['salt', 'the sea'], { tokenizer }, { length: 32 }, short);
  assert.equal(short.blocks, 1);
});

test('where nothing is masked there is no loss', async () => {
  assert.equal(await measureOpen(['', ''], { tokenizer }, { length: 32 }, counting()), null);
  assert.equal(await measureOpen(['salt'], { tokenizer }, { length: 32 }, counting(0)), null);
});
