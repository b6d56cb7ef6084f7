import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { activeSet } from '../../src/plugin/active-set.ts';
import { type PluginConfig, pluginPlaces } from '../../src/plugin/config.ts';
import { type Kept, noWidths, occupancy, usesOf, type Widths } from '../../src/plugin/kept.ts';
import { makeRng, type Rng } from '../../src/rng.ts';

const config: PluginConfig = {
  hidden: 3,
  layers: 1,
  widths: { attention: 6, ffn: 4 },
  placement: 'parallel',
};
const [ATTENTION, FFN] = pluginPlaces(config).map(({ name }) => name) as [string, string];
const keptOf = (attention: number[], ffn: number[], outputs: number[] = []): Kept => ({
  [ATTENTION]: { index1: Uint32Array.from(attention), index2: Uint32Array.from(outputs) },
  [FFN]: { index1: Uint32Array.from(ffn), index2: Uint32Array.from(outputs) },
});
const setOf = (widths: Widths, versions: Kept[], near: Kept[], share: number) =>
  activeSet(config, widths, usesOf(config, widths, versions), near, share);

test('the first task grows the plugins to the size of an active set', () => {
  const { neurons, widths } = setOf(noWidths(config), [], [], 0.5);
  assert.deepEqual(widths, { [ATTENTION]: 6, [FFN]: 4 });
  assert.deepEqual(neurons[ATTENTION], Uint32Array.of(0, 1, 2, 3, 4, 5));
  assert.deepEqual(neurons[FFN], Uint32Array.of(0, 1, 2, 3));
});

test('as long as enough is free nothing grows; then as much as is missing, and the nearest come first', () => {
  const d1 = keptOf([0, 1, 2], [0]);
  const one = setOf({ [ATTENTION]: 6, [FFN]: 4 }, [d1], [d1], 0.5);
  assert.deepEqual(one.widths, { [ATTENTION]: 6, [FFN]: 4 });
  const d2 = keptOf([1, 3, 4], [0, 1, 2]);
  // attention: 5 is free, two of three are missing; there is room for three claimed ones
  const near2 = setOf(one.widths, [d1, d2], [d2, d1], 0.5);
  assert.deepEqual(near2.widths, { [ATTENTION]: 8, [FFN]: 5 });
  assert.deepEqual(near2.neurons[ATTENTION], Uint32Array.of(1, 3, 4, 5, 6, 7));
  assert.deepEqual(near2.neurons[FFN], Uint32Array.of(0, 1, 3, 4));
  const near1 = setOf(one.widths, [d1, d2], [d1, d2], 0.5);
  assert.deepEqual(near1.neurons[ATTENTION], Uint32Array.of(0, 1, 2, 5, 6, 7));
});

test('where no domain is near, the whole set is free; what is free already is not grown again', () => {
  const d1 = keptOf([0, 1, 2], [0]);
  const { neurons, widths } = setOf({ [ATTENTION]: 6, [FFN]: 4 }, [d1], [], 0.5);
  assert.deepEqual(widths, { [ATTENTION]: 9, [FFN]: 5 });
  assert.deepEqual(neurons[ATTENTION], Uint32Array.of(3, 4, 5, 6, 7, 8));
  const wide = setOf({ [ATTENTION]: 20, [FFN]: 4 }, [d1], [d1], 0.5);
  assert.equal(wide.widths[ATTENTION], 20);
  assert.deepEqual(wide.neurons[ATTENTION], Uint32Array.of(3, 4, 5, 6, 7, 8));
});

/** A mask within an active set, as a task leaves it. */
function randomKept(neurons: Readonly<Record<string, Uint32Array>>, rng: Rng): Kept {
  const some = (of: Uint32Array) => of.filter(() => rng.uniform() < 0.5);
  return Object.fromEntries(
    Object.entries(neurons).map(([name, own]) => [
      name,
      { index1: some(own), index2: some(Uint32Array.of(0, 1, 2)) },
    ]),
  );
}

test('over any life of a lineage: sets of one size, enough free, nothing claimed is lost or counted as free', () => {
  const lives = fc.record({ seed: fc.string(), share: fc.double({ min: 0.01, max: 1, noNaN: true }) });
  fc.assert(
    fc.property(lives, ({ seed, share }) => {
      const rng = makeRng(seed);
      let widths = noWidths(config);
      const versions: Kept[] = [];
      for (let task = 0; task < 12; task++) {
        const before = usesOf(config, widths, versions);
        const near = rng.shuffle([...versions]).slice(0, rng.int(5));
        const active = activeSet(config, widths, before, near, share);
        for (const { name, width } of pluginPlaces(config)) {
          const own = active.neurons[name]!;
          assert.equal(own.length, width);
          assert.deepEqual(
            [...new Set(own)].sort((a, b) => a - b),
            [...own],
          );
          assert.ok(own.every((neuron) => neuron < active.widths[name]!));
          const free = own.filter((neuron) => (before[name]!.first[neuron] ?? 0) === 0);
          assert.ok(free.length >= share * width);
          const claimed = own.filter((neuron) => !free.includes(neuron));
          assert.ok(claimed.every((neuron) => near.some((kept) => kept[name]!.index1.includes(neuron))));
          // it grows only where everything that was free is in the set
          const grown = active.widths[name]! - widths[name]!;
          const left = before[name]!.first.filter((users, at) => users === 0 && !own.includes(at));
          assert.ok(grown === 0 || left.length === 0);
        }
        const claimedBefore = occupancy(before).claimed;
        versions.push(randomKept(active.neurons, rng));
        widths = active.widths;
        const { free, claimed, shared } = occupancy(usesOf(config, widths, versions));
        assert.ok(claimed >= claimedBefore && shared <= claimed);
        assert.equal(free + claimed, widths[ATTENTION]! + widths[FFN]! + 2 * config.hidden);
      }
    }),
    { numRuns: 50 },
  );
});
