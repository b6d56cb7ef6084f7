/** With all masks zero the plugged model is the base, bit for bit, whatever the plugins hold. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { Feeds } from '../../src/engine/index.ts';
import { neuronShapes, type Placement, pluginShapes } from '../../src/plugin/config.ts';
import { emptyMasks, maskFeeds } from '../../src/plugin/mask.ts';
import { exactly, pluginPlug } from '../../src/plugin/plugin.ts';
import { compileEvaluator, type Evaluator } from '../../src/train/evaluate.ts';
import { baseWeights, batch, config, pluginConfig, pluginSlots, shape } from '../train/small.ts';

const { ids, attention, positions, labels, weights } = batch();
const held = { inputIds: ids, attention, positions, labels, weights } as never;

async function logits(evaluator: Evaluator, extra: Feeds = {}): Promise<Buffer> {
  let bits: Buffer = Buffer.alloc(0);
  await evaluator.evaluate([held], extra, (values) => {
    bits = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  });
  return bits;
}

for (const placement of ['sequential', 'parallel'] satisfies Placement[]) {
  test(`${placement}: zero masks give the base's logits bit for bit`, async () => {
    const plugin = pluginConfig(placement);
    const shapes = { ...pluginShapes(plugin), ...neuronShapes(plugin, 'mask') };
    const base = await compileEvaluator(config, shape, baseWeights());
    const plugged = await compileEvaluator(config, shape, baseWeights(), shapes, (feeds) =>
      pluginPlug(plugin, feeds, feeds, exactly),
    );
    const expected = await logits(base);
    const masks = maskFeeds(emptyMasks(plugin), 'mask');
    const own = Object.fromEntries(
      Object.entries(pluginSlots(plugin)).map(([name, { value }]) => [name, value]),
    );
    const spoilt = Object.fromEntries(
      Object.entries(own).map(([name, value]) => [
        name,
        value.map((_, at) => [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY][at % 3]!),
      ]),
    );
    for (const plugins of [own, spoilt]) {
      assert.ok(expected.equals(await logits(plugged, { ...plugins, ...masks })));
    }
    // and it is not that the plugins are left out: one open neuron pair changes the logits
    const open = { ...masks };
    open['cpt.layer.0.ffn.mask1'] = new Float32Array(6).fill(1);
    open['cpt.layer.0.ffn.mask2'] = new Float32Array(8).fill(1);
    assert.ok(!expected.equals(await logits(plugged, { ...own, ...open })));
    await base.dispose();
    await plugged.dispose();
  });
}
