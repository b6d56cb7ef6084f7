/** Which neurons a domain keeps, by their numbers in the lineage, and how many domains keep each. */
import { type PluginConfig, pluginPlaces } from './config.ts';
import type { Masks } from './mask.ts';

/** Neurons of one plugin: of the first layer by their number in the lineage, of the second below `hidden`; ascending. */
export interface KeptNeurons {
  readonly index1: Uint32Array;
  readonly index2: Uint32Array;
}

/** The mask of one domain over everything that the lineage has grown, sparse: by plugin name. */
export type Kept = Readonly<Record<string, KeptNeurons>>;

/** First-layer neurons that each plugin has grown so far, claimed or not; by plugin name. */
export type Widths = Readonly<Record<string, number>>;

/** How many of the versions keep each neuron, by plugin name: `first` [widths], `second` [hidden]. */
export type Uses = Readonly<Record<string, { readonly first: Uint32Array; readonly second: Uint32Array }>>;

export function noWidths(config: PluginConfig): Widths {
  return Object.fromEntries(pluginPlaces(config).map(({ name }) => [name, 0]));
}

/**
 * Binary masks over an active set, as the lineage's numbers.
 * @param neurons by plugin name the number of the neuron on each row [width], ascending
 */
export function keptOf(masks: Masks, neurons: Readonly<Record<string, Uint32Array>>): Kept {
  return Object.fromEntries(
    Object.entries(masks).map(([name, { mask1, mask2 }]) => {
      const index1 = neurons[name]!.filter((_, row) => mask1[row] === 1);
      const index2 = Uint32Array.from(mask2.keys()).filter((output) => mask2[output] === 1);
      return [name, { index1, index2 }];
    }),
  );
}

/** @throws RangeError where a version keeps a neuron beyond `widths` */
export function usesOf(config: PluginConfig, widths: Widths, versions: readonly Kept[]): Uses {
  return Object.fromEntries(
    pluginPlaces(config).map(({ name }) => {
      const first = new Uint32Array(widths[name]!);
      const second = new Uint32Array(config.hidden);
      for (const kept of versions) {
        count(first, kept[name]!.index1);
        count(second, kept[name]!.index2);
      }
      return [name, { first, second }];
    }),
  );
}

function count(uses: Uint32Array, index: Uint32Array): void {
  for (const at of index) {
    if (at >= uses.length) throw new RangeError(`neuron ${at} of ${uses.length}`);
    uses[at]! += 1;
  }
}

export interface Occupancy {
  readonly free: number;
  readonly claimed: number;
  /** Used by more than one version; also counted as claimed. */
  readonly shared: number;
}

/** Neurons of both layers over all plugins, by how many of the versions keep them. */
export function occupancy(uses: Uses): Occupancy {
  const counts = { free: 0, claimed: 0, shared: 0 };
  for (const { first, second } of Object.values(uses)) {
    for (const users of [...first, ...second]) {
      if (users === 0) counts.free += 1;
      else counts.claimed += 1;
      if (users > 1) counts.shared += 1;
    }
  }
  return counts;
}
