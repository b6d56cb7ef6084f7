import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as ort from 'onnxruntime-node';
import { baseShard } from '../../src/checkpoint/base-shard.ts';
import { encodeOnnx, encodeQuantizedOnnx, traceDomain } from '../../src/checkpoint/export-onnx.ts';
import type { Placement } from '../../src/plugin/config.ts';
import { emptyMasks, type Masks } from '../../src/plugin/mask.ts';
import { makeRng } from '../../src/rng.ts';
import { pruneDense } from './help/dense.ts';
import { type Answer, type Batch, trainingTimeModel } from './help/reference.ts';
import {
  randomMasks,
  SMALL,
  SMALL_FAMILIES,
  smallBase,
  smallPlugin,
  smallPlugins,
} from './help/small-model.ts';

const base = smallBase();
const shard = baseShard(SMALL, base);
const LOCATION = 'model.onnx_data';

function exported(placement: Placement, masks: Masks, config = SMALL, weights = base) {
  const plugin = smallPlugin(placement);
  const pruned = pruneDense(plugin, smallPlugins(plugin), masks);
  const graph = traceDomain({ config, plugin, base: weights, pruned });
  const data = baseShard(config, weights);
  return {
    model: encodeOnnx(graph, LOCATION, data.offsets),
    data: new Uint8Array(Buffer.concat(data.chunks)),
    quantized: encodeQuantizedOnnx(graph),
  };
}

function randomBatch(batch: number, length: number): Batch {
  const rng = makeRng(`${batch}x${length}`);
  const mask = new Int32Array(batch * length);
  const ids = new Int32Array(batch * length).fill(SMALL.padId);
  for (let row = 0; row < batch; row++) {
    const own = row === 0 ? length : 1 + rng.int(length);
    for (let at = row * length; at < row * length + own; at++) {
      ids[at] = 2 + rng.int(SMALL.vocabSize - 2);
      mask[at] = 1;
    }
  }
  return { batch, length, ids, mask };
}

async function answer(
  model: Uint8Array,
  { batch, length, ids, mask }: Batch,
  data: Uint8Array | null = null,
): Promise<Answer> {
  const session = await ort.InferenceSession.create(model, {
    ...(data !== null ? { externalData: [{ path: LOCATION, data }] } : {}),
    logSeverityLevel: 3,
  });
  const feed = (of: Int32Array) =>
    new ort.Tensor(
      'int64',
      BigInt64Array.from(of, (value) => BigInt(value)),
      [batch, length],
    );
  const { logits, last_hidden_state } = await session.run({
    input_ids: feed(ids),
    attention_mask: feed(mask),
  });
  await session.release();
  assert.deepEqual(logits!.dims, [batch, length, SMALL.vocabSize]);
  assert.deepEqual(last_hidden_state!.dims, [batch, length, SMALL.hidden]);
  return { logits: logits!.data as Float32Array, hidden: last_hidden_state!.data as Float32Array };
}

/** What the model with the base's weights beside it answers. */
const whole = ({ model, data }: ReturnType<typeof exported>, input: Batch) => answer(model, input, data);

/** Largest difference over the positions that are not padding. */
function distance(a: Float32Array, b: Float32Array, mask: Int32Array): number {
  assert.equal(a.length, b.length);
  const width = a.length / mask.length;
  let most = 0;
  for (let at = 0; at < a.length; at++) {
    if (mask[Math.floor(at / width)] === 1) most = Math.max(most, Math.abs(a[at]! - b[at]!));
  }
  return most;
}

for (const [name, config] of Object.entries(SMALL_FAMILIES)) {
  for (const placement of ['sequential', 'parallel'] as const) {
    test(`the exported ${name} answers as the training-time one, at any batch and length: ${placement}`, async () => {
      const plugin = smallPlugin(placement);
      const masks = randomMasks(plugin, placement);
      const weights = smallBase(config);
      const made = exported(placement, masks, config, weights);
      for (const [batch, length] of [
        [1, 1],
        [3, 17],
        [2, 32],
      ] as const) {
        const input = randomBatch(batch, length);
        const expected = await trainingTimeModel(config, plugin, weights, smallPlugins(plugin), masks, input);
        const got = await whole(made, input);
        assert.ok(distance(got.logits, expected.logits, input.mask) < 1e-5);
        assert.ok(distance(got.hidden, expected.hidden, input.mask) < 1e-5);
      }
    });
  }
}

test('with empty masks the logits are the base’s; with any they are not', async () => {
  const plugin = smallPlugin();
  const input = randomBatch(2, 9);
  const plain = await trainingTimeModel(SMALL, plugin, base, smallPlugins(plugin), emptyMasks(plugin), input);
  const got = await whole(exported('sequential', emptyMasks(plugin)), input);
  assert.ok(distance(got.logits, plain.logits, input.mask) < 1e-5);
  const other = await whole(exported('sequential', randomMasks(plugin, 'any')), input);
  assert.ok(distance(other.logits, plain.logits, input.mask) > 0.1);
});

test('a plugin with outputs but no inner neuron still adds its bias, as while training', async () => {
  const plugin = smallPlugin();
  const masks = randomMasks(plugin, 'bias only');
  masks['cpt.layer.0.ffn']!.mask1.fill(0);
  masks['cpt.layer.1.attention']!.mask2.fill(0);
  const input = randomBatch(2, 9);
  const expected = await trainingTimeModel(SMALL, plugin, base, smallPlugins(plugin), masks, input);
  const got = await whole(exported('sequential', masks), input);
  assert.ok(distance(got.logits, expected.logits, input.mask) < 1e-5);
});

test('equal models give equal bytes; neurons outside the mask do not reach them', () => {
  const plugin = smallPlugin();
  const masks = randomMasks(plugin, 'bytes');
  const weights = smallPlugins(plugin);
  for (const [name, { mask1 }] of Object.entries(masks)) {
    for (const [i, keeps] of mask1.entries()) if (keeps === 0) weights[`${name}.fc1.bias`]![i] = Number.NaN;
  }
  const graph = traceDomain({ config: SMALL, plugin, base, pruned: pruneDense(plugin, weights, masks) });
  const { model, quantized } = exported('sequential', masks);
  assert.deepEqual(encodeOnnx(graph, LOCATION, shard.offsets), model);
  assert.deepEqual(encodeQuantizedOnnx(graph), quantized);
});

test('the quantised model stands alone, is smaller and answers nearly the same', async () => {
  const plugin = smallPlugin();
  const masks = randomMasks(plugin, 'quantised');
  const { model, data, quantized } = exported('sequential', masks);
  const both = model.byteLength + data.byteLength;
  assert.ok(quantized.byteLength < both / 2, `${quantized.byteLength} of ${both}`);
  const input = randomBatch(2, 20);
  const exact = await answer(model, input, data);
  const near = await answer(quantized, input);
  const scale = Math.sqrt(exact.logits.reduce((sum, x) => sum + x * x, 0) / exact.logits.length);
  const error = near.logits.map((x, at) => x - exact.logits[at]!);
  const rms = Math.sqrt(error.reduce((sum, x) => sum + x * x, 0) / error.length);
  assert.ok(rms < 0.03 * scale, `${rms} of ${scale}`);
  assert.ok(rms > 0);
});

test('only standard operators, none of a runtime’s own', () => {
  const plugin = smallPlugin();
  const pruned = pruneDense(plugin, smallPlugins(plugin), randomMasks(plugin, 'operators'));
  const { nodes, inputs, outputs } = traceDomain({ config: SMALL, plugin, base, pruned });
  assert.deepEqual(
    nodes.filter((node) => node.domain !== '').map((node) => node.op),
    [],
  );
  const axes = ['batch', 'length'];
  assert.deepEqual(inputs, [
    { name: 'input_ids', type: 'int64', shape: axes },
    { name: 'attention_mask', type: 'int64', shape: axes },
  ]);
  assert.deepEqual(outputs, [
    { name: 'logits', type: 'float32', shape: [...axes, SMALL.vocabSize] },
    { name: 'last_hidden_state', type: 'float32', shape: [...axes, SMALL.hidden] },
  ]);
});
