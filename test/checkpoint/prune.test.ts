import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromIndices } from '../../src/checkpoint/dtype.ts';
import { decodePlugins, encodePlugins, seat } from '../../src/checkpoint/prune.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/checkpoint/safetensors.ts';
import { type PluginConfig, pluginPlaces } from '../../src/plugin/config.ts';
import { pruneDense } from './help/dense.ts';
import { randomMasks, smallPlugin, smallPlugins } from './help/small-model.ts';

const config = smallPlugin();

test('a plugin with two neurons kept of each layer, all numbers written out', () => {
  const tiny: PluginConfig = {
    hidden: 3,
    layers: 1,
    widths: { attention: 2, ffn: 1 },
    placement: 'parallel',
  };
  const weights = {
    'cpt.layer.0.attention.fc1.weight': Float32Array.of(1, 2, 3, 4, 5, 6),
    'cpt.layer.0.attention.fc1.bias': Float32Array.of(7, 8),
    'cpt.layer.0.attention.fc2.weight': Float32Array.of(10, 11, 20, 21, 30, 31),
    'cpt.layer.0.attention.fc2.bias': Float32Array.of(1, 2, 3),
    'cpt.layer.0.ffn.fc1.weight': Float32Array.of(0, 0, 0),
    'cpt.layer.0.ffn.fc1.bias': Float32Array.of(0),
    'cpt.layer.0.ffn.fc2.weight': Float32Array.of(0, 0, 0),
    'cpt.layer.0.ffn.fc2.bias': Float32Array.of(0, 0, 0),
  };
  const masks = {
    'cpt.layer.0.attention': { mask1: Uint8Array.of(0, 1), mask2: Uint8Array.of(1, 0, 1) },
    'cpt.layer.0.ffn': { mask1: Uint8Array.of(0), mask2: Uint8Array.of(0, 0, 0) },
  };
  const [attention, ffn] = pruneDense(tiny, weights, masks);
  assert.deepEqual(attention!.index1, [1]);
  assert.deepEqual(attention!.index2, [0, 2]);
  assert.deepEqual(attention!.fc1, { weight: Float32Array.of(4, 5, 6), bias: Float32Array.of(8) });
  assert.deepEqual(attention!.fc2, { weight: Float32Array.of(11, 31), bias: Float32Array.of(1, 3) });
  assert.deepEqual([ffn!.index1, ffn!.index2, ffn!.fc2.weight.length], [[], [], 0]);
});

test('what was pruned comes back from its file', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(0, 0.1, 0.5, 1), (seed, share) => {
      const pruned = pruneDense(config, smallPlugins(config, seed), randomMasks(config, seed, share));
      assert.deepEqual(decodePlugins(config, encodePlugins(config, pruned)), pruned);
    }),
    { numRuns: 20 },
  );
});

test('the bytes do not depend on how wide the plugins are nor on what other neurons hold', () => {
  const masks = randomMasks(config, 'width');
  const weights = smallPlugins(config);
  const pruned = pruneDense(config, weights, masks);
  for (const [name, { mask2 }] of Object.entries(masks)) {
    for (const [j, keeps] of mask2.entries()) if (keeps === 0) weights[`${name}.fc2.bias`]![j] = 9;
  }
  const file = encodePlugins(config, pruned);
  assert.deepEqual(encodePlugins(config, pruneDense(config, weights, masks)), file);
  const wider: PluginConfig = { ...config, widths: { attention: 23, ffn: 37 } };
  assert.deepEqual(encodePlugins(wider, decodePlugins(wider, file)), file);
});

test('seated, the kept neurons stand on the first rows, the outputs in their places, and all else is 0', () => {
  const weights = smallPlugins(config);
  const masks = randomMasks(config, 'seats');
  const pruned = pruneDense(config, weights, masks);
  const seated = seat(config, pruned);
  for (const [k, { name, width }] of pluginPlaces(config).entries()) {
    const { index1, index2 } = pruned[k]!;
    const { mask1, mask2 } = seated.masks[name]!;
    assert.deepEqual(
      mask1,
      Uint8Array.from({ length: width }, (_, row) => (row < index1.length ? 1 : 0)),
    );
    assert.deepEqual(mask2, masks[name]!.mask2);
    for (let row = 0; row < width; row++) {
      const neuron = index1[row];
      const expected = neuron === undefined ? 0 : weights[`${name}.fc1.bias`]![neuron];
      assert.equal(seated.weights[`${name}.fc1.bias`]![row], expected);
      for (let j = 0; j < config.hidden; j++) {
        const cell = seated.weights[`${name}.fc2.weight`]![j * width + row];
        const inside = neuron !== undefined && index2.includes(j);
        assert.equal(cell, inside ? weights[`${name}.fc2.weight`]![j * width + neuron] : 0);
      }
    }
  }
});

test('a file that does not fit is refused', () => {
  const file = encodePlugins(config, pruneDense(config, smallPlugins(config), randomMasks(config, 'fit')));
  const refused = (changed: (tensors: Record<string, unknown>) => void, message: RegExp) => {
    const tensors = { ...decodeSafetensors(file).tensors };
    changed(tensors);
    assert.throws(() => decodePlugins(config, encodeSafetensors(tensors)), {
      code: 'CPT_SAFETENSORS',
      message,
    });
  };
  refused((tensors) => delete tensors['cpt.layer.1.ffn.fc2.bias'], /fc2\.bias is missing/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index1'] = fromIndices([3, 3]);
  }, /ascending indices below/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index2'] = fromIndices([24]);
  }, /ascending indices below 24/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index1'] = fromIndices([-1]);
  }, /ascending/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index1'] = fromIndices([0]);
  }, /fc1\.weight has shape/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index1'] = fromIndices(Array.from({ length: 21 }, (_, at) => at));
  }, /keeps 21 neurons, more than the 20/);
});
