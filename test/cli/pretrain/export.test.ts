import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSafetensors, toFloat32 } from '../../../src/checkpoint/index.ts';
import { configFile, curveFile, halfWeights } from '../../../src/cli/pretrain/export.ts';
import { makeRng } from '../../../src/rng.ts';
import { parseRobertaConfig } from '../../../src/roberta/config.ts';
import { initialWeights, publishedNames, robertaShapes } from '../../../src/roberta/weights.ts';
import { tinyConfig, tinyConfigOf } from '../../fixtures/tiny.ts';

const weights = initialWeights(tinyConfig, makeRng('export'));

test('weights in half precision, under the names and shapes that hubs know', () => {
  const { file, values, parameters } = halfWeights(tinyConfig, weights);
  const { tensors, metadata } = decodeSafetensors(file);
  assert.deepEqual(metadata, { format: 'pt' });
  const shapes = robertaShapes(tinyConfig);
  assert.deepEqual(Object.keys(tensors).sort(), Object.keys(shapes).sort());
  for (const [name, tensor] of Object.entries(tensors)) {
    assert.equal(tensor.dtype, 'F16');
    assert.deepEqual(tensor.shape, shapes[name]);
    assert.deepEqual(toFloat32(tensor), values[name]);
    for (const [at, value] of values[name]!.entries()) {
      const wanted = weights[name]![at]!;
      assert.ok(
        Math.abs(value - wanted) <= Math.max(2 ** -25, Math.abs(wanted) * 2 ** -11),
        `${name}[${at}]`,
      );
    }
  }
  assert.equal(
    parameters,
    Object.values(weights).reduce((sum, data) => sum + data.length, 0),
  );
});

test('an untied head of another family has the names that its family reads, the bias under both', () => {
  const config = tinyConfigOf('bert', false);
  const { file } = halfWeights(config, initialWeights(config, makeRng('untied')));
  const names = Object.keys(decodeSafetensors(file).tensors);
  assert.deepEqual(names.sort(), [...publishedNames(config).keys()].sort());
  assert.ok(
    names.includes('cls.predictions.decoder.weight') && names.includes('cls.predictions.decoder.bias'),
  );
});

test('what half precision cannot hold is refused, not published as infinity', () => {
  const name = 'lm_head.bias';
  const large = { ...weights, [name]: weights[name]!.map((value, at) => (at === 3 ? 70_000 : value)) };
  assert.throws(() => halfWeights(tinyConfig, large), {
    code: 'CPT_TRAIN',
    message: /^lm_head\.bias has values/,
  });
  const { [name]: _, ...less } = weights;
  assert.throws(() => halfWeights(tinyConfig, less), { code: 'CPT_TRAIN', message: /has no lm_head\.bias/ });
});

test('config.json is read back as the same sizes', () => {
  assert.deepEqual(parseRobertaConfig(JSON.parse(configFile(tinyConfig))), tinyConfig);
});

test('the curve is JSON, one point a line', () => {
  const heldOut = { loss: 6, accuracy: 0.25, maskedTokens: 9 };
  const average = { loss: 5.5, accuracy: 0.5, maskedTokens: 9 };
  const curve = [250, 500].map((step) => ({ step, tokens: step * 2048, trainLoss: 7, heldOut }));
  const file = curveFile([...curve, { step: 750, tokens: 1, trainLoss: 6, heldOut, average }]);
  assert.equal(file.split('\n').length, 6);
  const point = { step: 500, tokens: 1_024_000, trainLoss: 7, heldOutLoss: 6, heldOutAccuracy: 0.25 };
  assert.deepEqual((JSON.parse(file) as unknown[])[1], point);
  const last = { ...point, step: 750, tokens: 1, trainLoss: 6, averagedLoss: 5.5, averagedAccuracy: 0.5 };
  assert.deepEqual((JSON.parse(file) as unknown[])[2], last);
  assert.deepEqual(JSON.parse(curveFile([])), []);
});
