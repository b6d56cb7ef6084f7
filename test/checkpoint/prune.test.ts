import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromIndices } from '../../src/checkpoint/dtype.ts';
import { decodePlugins, domainProof, encodePlugins, prune } from '../../src/checkpoint/prune.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/checkpoint/safetensors.ts';
import { type PluginConfig, pluginPlaces } from '../../src/plugin/config.ts';
import { emptyMasks } from '../../src/plugin/mask.ts';
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
  const [attention, ffn] = prune(tiny, weights, masks);
  assert.deepEqual(attention!.index1, [1]);
  assert.deepEqual(attention!.index2, [0, 2]);
  assert.deepEqual(attention!.fc1, { weight: Float32Array.of(4, 5, 6), bias: Float32Array.of(8) });
  assert.deepEqual(attention!.fc2, { weight: Float32Array.of(11, 31), bias: Float32Array.of(1, 3) });
  assert.deepEqual([ffn!.index1, ffn!.index2, ffn!.fc2.weight.length], [[], [], 0]);
});

test('what was pruned comes back at full width, 0 elsewhere, and prunes to the same bytes', () => {
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(0, 0.1, 0.5, 1), (seed, share) => {
      const masks = randomMasks(config, seed, share);
      const file = encodePlugins(config, prune(config, smallPlugins(config, seed), masks));
      const back = decodePlugins(config, file);
      assert.deepEqual(back.masks, masks);
      assert.deepEqual(encodePlugins(config, prune(config, back.weights, back.masks)), file);
      for (const { name } of pluginPlaces(config)) {
        const dropped = back.weights[`${name}.fc1.bias`]!.filter((_, i) => masks[name]!.mask1[i] === 0);
        assert.ok(dropped.every((value) => value === 0));
      }
    }),
    { numRuns: 20 },
  );
});

/** Changes parameter number `at` of all plugins. */
function disturbed(weights: Record<string, Float32Array>, name: string, at: number, value: number) {
  const changed = weights[name]!.slice();
  changed[at] = value;
  return { ...weights, [name]: changed };
}

test('the proof changes with every parameter of the domain’s neurons and with no other', () => {
  const weights = smallPlugins(config);
  const masks = randomMasks(config, 'proof');
  const proof = domainProof(config, weights, masks);
  const places = pluginPlaces(config).slice(0, 2);
  for (const { name, width } of places) {
    const { mask1, mask2 } = masks[name]!;
    for (const [i, keeps] of mask1.entries()) {
      const same = keeps === 0;
      const one = disturbed(weights, `${name}.fc1.weight`, i * config.hidden + 3, Number.NaN);
      assert.equal(domainProof(config, one, masks) === proof, same);
      assert.equal(domainProof(config, disturbed(weights, `${name}.fc1.bias`, i, 9), masks) === proof, same);
    }
    for (const [j, keeps] of mask2.entries()) {
      const bias = disturbed(weights, `${name}.fc2.bias`, j, 9);
      assert.equal(domainProof(config, bias, masks) === proof, keeps === 0);
      const i = j % width;
      const edge = disturbed(weights, `${name}.fc2.weight`, j * width + i, 9);
      assert.equal(domainProof(config, edge, masks) === proof, keeps === 0 || mask1[i] === 0);
    }
  }
});

test('the proof does not change when the plugins grow', () => {
  const grown: PluginConfig = { ...config, widths: { attention: 23, ffn: 37 } };
  const masks = randomMasks(config, 'growth');
  const file = encodePlugins(config, prune(config, smallPlugins(config), masks));
  const later = decodePlugins(grown, file);
  assert.equal(
    domainProof(grown, later.weights, later.masks),
    domainProof(config, smallPlugins(config), masks),
  );
});

test('the proof changes with the mask, and empty masks have one', () => {
  const weights = smallPlugins(config);
  const empty = emptyMasks(config);
  const one = emptyMasks(config);
  one['cpt.layer.1.ffn']!.mask1[5] = 1;
  assert.notEqual(domainProof(config, weights, one), domainProof(config, weights, empty));
  assert.equal(
    domainProof(config, smallPlugins(config, 'others'), empty),
    domainProof(config, weights, empty),
  );
});

test('a file that does not fit is refused', () => {
  const file = encodePlugins(config, prune(config, smallPlugins(config), randomMasks(config, 'fit')));
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
  }, /ascending indices below 20/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index2'] = fromIndices([24]);
  }, /ascending indices below 24/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index1'] = fromIndices([-1]);
  }, /ascending/);
  refused((tensors) => {
    tensors['cpt.layer.0.ffn.index1'] = fromIndices([0]);
  }, /fc1\.weight has shape/);
});
