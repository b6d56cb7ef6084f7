import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { domainProof, HASH_BYTES, hashesOf, neuronHashes } from '../../src/checkpoint/proof.ts';
import { pluginPlaces } from '../../src/plugin/config.ts';
import { emptyMasks, type Masks } from '../../src/plugin/mask.ts';
import { pruneDense } from './help/dense.ts';
import { randomMasks, smallPlugin, smallPlugins } from './help/small-model.ts';

const config = smallPlugin();
const proofOf = (weights: Record<string, Float32Array>, masks: Masks): string => {
  const pruned = pruneDense(config, weights, masks);
  return domainProof(pruned, hashesOf(pruned));
};

/** Changes parameter number `at` of one tensor. */
function disturbed(weights: Record<string, Float32Array>, name: string, at: number, value: number) {
  const changed = weights[name]!.slice();
  changed[at] = value;
  return { ...weights, [name]: changed };
}

test("a neuron's hash is that of its row, its bias and its column of the kept outputs", () => {
  const place = pluginPlaces(config)[0]!;
  const plugin = {
    place,
    index1: [4, 9],
    index2: [1, 2, 7],
    fc1: { weight: Float32Array.of(1, 2, 3, 4), bias: Float32Array.of(5, 6) },
    fc2: { weight: Float32Array.of(10, 20, 11, 21, 12, 22), bias: Float32Array.of(0, 0, 0) },
  };
  const sha256 = (...values: number[]) =>
    createHash('sha256')
      .update(new Uint8Array(Float32Array.from(values).buffer))
      .digest('hex');
  const hashes = Buffer.from(neuronHashes(plugin));
  assert.equal(hashes.length, 2 * HASH_BYTES);
  assert.equal(hashes.subarray(0, HASH_BYTES).toString('hex'), sha256(1, 2, 5, 10, 11, 12));
  assert.equal(hashes.subarray(HASH_BYTES).toString('hex'), sha256(3, 4, 6, 20, 21, 22));
});

test('the proof changes with every parameter of the domain’s neurons and with no other', () => {
  const weights = smallPlugins(config);
  const masks = randomMasks(config, 'proof');
  const proof = proofOf(weights, masks);
  const places = pluginPlaces(config).slice(0, 2);
  for (const { name, width } of places) {
    const { mask1, mask2 } = masks[name]!;
    for (const [i, keeps] of mask1.entries()) {
      const same = keeps === 0;
      const one = disturbed(weights, `${name}.fc1.weight`, i * config.hidden + 3, Number.NaN);
      assert.equal(proofOf(one, masks) === proof, same);
      assert.equal(proofOf(disturbed(weights, `${name}.fc1.bias`, i, 9), masks) === proof, same);
    }
    for (const [j, keeps] of mask2.entries()) {
      const bias = disturbed(weights, `${name}.fc2.bias`, j, 9);
      assert.equal(proofOf(bias, masks) === proof, keeps === 0);
      const i = j % width;
      const edge = disturbed(weights, `${name}.fc2.weight`, j * width + i, 9);
      assert.equal(proofOf(edge, masks) === proof, keeps === 0 || mask1[i] === 0);
    }
  }
});

test('the proof changes with the mask, and empty masks have one', () => {
  const weights = smallPlugins(config);
  const empty = emptyMasks(config);
  const one = emptyMasks(config);
  one['cpt.layer.1.ffn']!.mask1[5] = 1;
  assert.notEqual(proofOf(weights, one), proofOf(weights, empty));
  assert.equal(proofOf(smallPlugins(config, 'others'), empty), proofOf(weights, empty));
});
