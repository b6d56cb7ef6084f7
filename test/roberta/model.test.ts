/** The encoder: padding has no influence, positions count from the first token, the plug sees what it should. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as tf from '@tensorflow/tfjs';
import { compile, type FeedSpec, trace } from '../../src/engine/index.ts';
import { encode, noPlug, type Plug } from '../../src/roberta/model.ts';
import { sinusoidalPositions } from '../../src/roberta/weights.ts';
import { baseWeights, config } from '../train/small.ts';

const specs = (batch: number, length: number): Record<string, FeedSpec> => ({
  ids: { shape: [batch, length], dtype: 'int32' },
  mask: { shape: [batch, length], dtype: 'float32' },
});

async function hidden(ids: number[][], mask: number[][], plug: Plug = noPlug): Promise<Float32Array> {
  const program = await compile(
    (feeds, weights) => ({ x: encode(config, weights, feeds.ids!, feeds.mask!, plug) }),
    specs(ids.length, ids[0]!.length),
    { weights: baseWeights(), threads: 1 },
  );
  const { x } = await program.run({ ids: Int32Array.from(ids.flat()), mask: Float32Array.from(mask.flat()) });
  await program.dispose();
  return x as Float32Array;
}

test('a text says the same with and without padding, and whatever else is in the batch', async () => {
  const alone = await hidden([[0, 9, 17, 2]], [[1, 1, 1, 1]]);
  const padded = await hidden(
    [
      [0, 9, 17, 2, 1, 1],
      [0, 30, 31, 32, 33, 2],
    ],
    [
      [1, 1, 1, 1, 0, 0],
      [1, 1, 1, 1, 1, 1],
    ],
  );
  for (const [at, value] of alone.entries()) assert.ok(Math.abs(padded[at]! - value) < 1e-5, `${at}`);
});

test('the plug is called twice a layer, in order, with input and output of the sublayer', () => {
  const calls: string[] = [];
  const plug: Plug = (layer, site, input, output) => {
    calls.push(`${layer} ${site} ${input.shape} ${output.shape}`);
    return output;
  };
  trace((feeds, weights) => ({ x: encode(config, weights, feeds.ids!, feeds.mask!, plug) }), specs(2, 3), {
    weights: baseWeights(),
  });
  assert.deepEqual(
    calls,
    [0, 1].flatMap((layer) => ['attention', 'ffn'].map((site) => `${layer} ${site} 6,8 6,8`)),
  );
});

test('what the plug gives is what is added to the residual', async () => {
  const ids = [[0, 9, 17, 2]];
  const mask = [[1, 1, 1, 1]];
  const plain = await hidden(ids, mask);
  const same = await hidden(ids, mask, (_layer, _site, _input, output) => tf.add(output, 0));
  const other = await hidden(ids, mask, (layer, site, input, output) =>
    layer === 1 && site === 'ffn' ? tf.sub(output, input) : output,
  );
  assert.deepEqual(same, plain);
  assert.notDeepEqual(other, plain);
});

test('sinusoidal positions: sines and cosines of falling frequency, none for the padding', () => {
  const table = sinusoidalPositions({ ...config, hidden: 4, maxPositions: 5 }, 2);
  const row = (at: number) => [...table.subarray(4 * at, 4 * at + 4)].map((value) => value.toFixed(4));
  const expected = (t: number) =>
    [Math.sin(t), Math.cos(t), Math.sin(t / 100), Math.cos(t / 100)].map((value) => (2 * value).toFixed(4));
  assert.deepEqual([...table.subarray(0, 8)], new Array(8).fill(0));
  for (const t of [0, 1, 2]) assert.deepEqual(row(t + 2), expected(t));
});

test('the rows that are asked for are those of the whole', async () => {
  const ids = Int32Array.of(0, 9, 17, 2, 0, 30, 31, 2);
  const feeds = { ids, mask: new Float32Array(8).fill(1), rows: Int32Array.of(6, 1, 1) };
  const program = await compile(
    (t, weights) => ({
      all: tf.gather(encode(config, weights, t.ids!, t.mask!, noPlug), t.rows as tf.Tensor1D),
      some: encode(config, weights, t.ids!, t.mask!, noPlug, t.rows!),
    }),
    { ...specs(2, 4), rows: { shape: [3], dtype: 'int32' } },
    { weights: baseWeights(), threads: 1 },
  );
  const { all, some } = await program.run(feeds);
  for (const [at, value] of (all as Float32Array).entries())
    assert.ok(Math.abs(Number(some![at]) - value) < 1e-5);
  await program.dispose();
});
