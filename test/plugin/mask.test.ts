/** Masks, claims and occupancy as properties. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type PluginConfig, pluginPlaces } from '../../src/plugin/config.ts';
import { binarise, claimOf, emptyMasks, type Masks, maskFeeds, occupancy } from '../../src/plugin/mask.ts';

const plugin: PluginConfig = {
  hidden: 3,
  layers: 2,
  widths: { attention: 2, ffn: 4 },
  placement: 'parallel',
};
const neurons = 2 * (2 + 3 + 4 + 3);

const bits = (size: number) => fc.uint8Array({ min: 0, max: 1, minLength: size, maxLength: size });
const masks: fc.Arbitrary<Masks> = fc.record(
  Object.fromEntries(
    pluginPlaces(plugin).map(({ name, width }) => [
      name,
      fc.record({ mask1: bits(width), mask2: bits(plugin.hidden) }),
    ]),
  ),
);
const flat = (of: Masks) =>
  pluginPlaces(plugin).flatMap(({ name }) => [...of[name]!.mask1, ...of[name]!.mask2]);

test('a claim is the maximum of all masks, neuron by neuron, in any order, and counts none twice', () => {
  fc.assert(
    fc.property(fc.array(masks, { maxLength: 4 }), (domains) => {
      const claim = flat(claimOf(plugin, domains));
      const expected = claim.map((_, at) => Math.max(0, ...domains.map((domain) => flat(domain)[at]!)));
      assert.deepEqual(claim, expected);
      assert.deepEqual(claim, flat(claimOf(plugin, [...domains.toReversed(), ...domains])));
    }),
  );
});

test('a claim only grows, and leaves the masks as they were', () => {
  fc.assert(
    fc.property(fc.array(masks, { maxLength: 3 }), masks, (domains, next) => {
      const copies = [...domains, next].map(flat);
      const before = flat(claimOf(plugin, domains));
      const after = flat(claimOf(plugin, [...domains, next]));
      assert.ok(before.every((bit, at) => bit <= after[at]!));
      assert.deepEqual([...domains, next].map(flat), copies);
    }),
  );
});

test('occupancy: free and claimed make up all neurons, shared are among the claimed', () => {
  fc.assert(
    fc.property(fc.array(masks, { maxLength: 4 }), (domains) => {
      const { free, claimed, shared } = occupancy(plugin, domains);
      assert.equal(free + claimed, neurons);
      const users = flat(emptyMasks(plugin)).map(
        (_, at) => domains.filter((domain) => flat(domain)[at] === 1).length,
      );
      assert.equal(claimed, users.filter((count) => count > 0).length);
      assert.equal(shared, users.filter((count) => count > 1).length);
    }),
  );
});

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
