/** Binary masks as properties. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type PluginConfig, pluginPlaces } from '../../src/plugin/config.ts';
import { binarise, maskFeeds } from '../../src/plugin/mask.ts';

const plugin: PluginConfig = {
  hidden: 3,
  layers: 2,
  widths: { attention: 2, ffn: 4 },
  placement: 'parallel',
};
test('binarise keeps what the gate at s_max has over a half', () => {
  const vector = (size: number) =>
    fc.float32Array({ min: -6, max: 6, noNaN: true, minLength: size, maxLength: size });
  const embeddings = fc.record(
    Object.fromEntries(
      pluginPlaces(plugin).flatMap(({ name, width }) => [
        [`${name}.e1`, vector(width)],
        [`${name}.e2`, vector(plugin.hidden)],
      ]),
    ),
  );
  fc.assert(
    fc.property(embeddings, (values) => {
      const result = binarise(plugin, (name) => values[name]!);
      for (const { name } of pluginPlaces(plugin)) {
        for (const end of [1, 2] as const) {
          const own = values[`${name}.e${end}`]!;
          const gate = Array.from(own, (e) => 1 / (1 + Math.exp(-400 * e)));
          // within 1e-17 of the threshold double precision itself decides
          const expected = gate.map((m, at) =>
            Math.abs(own[at]!) < 1e-17 ? Number(own[at]! > 0) : Number(m > 0.5),
          );
          assert.deepEqual([...result[name]![`mask${end}`]], expected);
        }
      }
    }),
  );
});

test('masks as feeds are floats under the names that graphs take', () => {
  const feeds = maskFeeds(
    { 'cpt.layer.0.ffn': { mask1: Uint8Array.of(1, 0), mask2: Uint8Array.of(0) } },
    'claim',
  );
  assert.deepEqual(feeds, {
    'cpt.layer.0.ffn.claim1': Float32Array.of(1, 0),
    'cpt.layer.0.ffn.claim2': Float32Array.of(0),
  });
});
