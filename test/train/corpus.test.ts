import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { makeRng } from '../../src/rng.ts';
import { domainCorpus, heldOutIndices } from '../../src/train/corpus.ts';
import { stepCount } from '../../src/train/task.ts';
import { tinyBase, tinyPassages, tinyTask } from '../fixtures/tiny.ts';

test('held-out passages are the share asked for, spread evenly, and never all of them', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (count, share) => {
        const held = [...heldOutIndices(count, share)];
        assert.ok(held.every((at) => Number.isInteger(at) && at >= 0 && at < count));
        if (count < 2 || share === 0) assert.equal(held.length, 0);
        else assert.equal(held.length, Math.max(1, Math.min(count - 1, Math.round(count * share))));
        const gaps = held.slice(1).map((at, i) => at - held[i]!);
        if (gaps.length > 0) assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1, 'the gaps differ');
      },
    ),
  );
});

test('no passage is both trained on and held out', async () => {
  const { tokenizer } = tinyBase();
  const texts = tinyPassages('sea', 50, makeRng('corpus')).map((text, at) => `passage ${at}: ${text}`);
  const split = { heldOut: 0.2, heldOutBlocks: 1000, length: 64 };
  const { training, heldOut, tokens } = await domainCorpus(texts, tokenizer, split);
  const named = async (blocks: readonly Int32Array[]) => {
    const text = await tokenizer.decode(blocks.flatMap((block) => [...block.subarray(1)]));
    return new Set([...text.matchAll(/passage (\d+):/g)].map(([, at]) => Number(at)));
  };
  const [own, held] = [await named(training), await named(heldOut)];
  assert.equal(held.size, 10);
  assert.equal(own.size, 40);
  assert.ok([...held].every((at) => !own.has(at)));
  const ids = training
    .flatMap((block) => [...block.subarray(1)])
    .filter((id) => id !== tokenizer.special.pad);
  assert.equal(ids.filter((id) => id !== tokenizer.special.eos).length, tokens);
});

test('held-out blocks over the limit are dropped', async () => {
  const texts = tinyPassages('sea', 200, makeRng('limit'));
  const { tokenizer } = tinyBase();
  const { heldOut } = await domainCorpus(texts, tokenizer, { heldOut: 0.5, heldOutBlocks: 3, length: 32 });
  assert.equal(heldOut.length, 3);
});

test('steps: passes over the blocks, within the bounds', () => {
  const options = { ...tinyTask, passes: 4, batch: 16, minSteps: 40, maxSteps: 2000 };
  assert.equal(stepCount(1, options), 40);
  assert.equal(stepCount(400, options), 100);
  assert.equal(stepCount(401, options), 101); // 100.25 rounded up
  assert.equal(stepCount(1_000_000, options), 2000);
});
