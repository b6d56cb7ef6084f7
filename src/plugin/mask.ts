/** Binary masks and claims, as plain bytes: 1 where a neuron is used. */
import { type PluginConfig, pluginPlaces } from './config.ts';

/** The masks of one domain: for every plugin one byte a neuron of its first layer [width] and second [hidden]. */
export type Masks = Readonly<Record<string, { readonly mask1: Uint8Array; readonly mask2: Uint8Array }>>;

/** Binarises embeddings: the gate at s_max is over a half where the embedding is positive. */
export function binarise(config: PluginConfig, embedding: (name: string) => Float32Array): Masks {
  const positive = (values: Float32Array) => Uint8Array.from(values, (value) => (value > 0 ? 1 : 0));
  return Object.fromEntries(
    pluginPlaces(config).map(({ name }) => [
      name,
      { mask1: positive(embedding(`${name}.e1`)), mask2: positive(embedding(`${name}.e2`)) },
    ]),
  );
}

/** No neuron used: with these masks the model is the base. */
export function emptyMasks(config: PluginConfig): Masks {
  return Object.fromEntries(
    pluginPlaces(config).map(({ name, width }) => [
      name,
      { mask1: new Uint8Array(width), mask2: new Uint8Array(config.hidden) },
    ]),
  );
}

/** The claim: the element-wise maximum of all earlier masks. */
export function claimOf(config: PluginConfig, earlier: readonly Masks[]): Masks {
  const claim = emptyMasks(config);
  for (const masks of earlier) {
    for (const [name, { mask1, mask2 }] of Object.entries(masks)) {
      const mine = claim[name]!;
      for (const [at, bit] of mask1.entries()) mine.mask1[at]! |= bit;
      for (const [at, bit] of mask2.entries()) mine.mask2[at]! |= bit;
    }
  }
  return claim;
}

export interface Occupancy {
  readonly free: number;
  readonly claimed: number;
  /** Used by more than one domain; also counted as claimed. */
  readonly shared: number;
}

/** Neurons of both layers over all plugins, by how many of the domains use them. */
export function occupancy(config: PluginConfig, domains: readonly Masks[]): Occupancy {
  const counts = { free: 0, claimed: 0, shared: 0 };
  for (const { name, width } of pluginPlaces(config)) {
    for (const [end, size] of [
      ['mask1', width],
      ['mask2', config.hidden],
    ] as const) {
      for (let at = 0; at < size; at++) {
        const users = domains.reduce((sum, masks) => sum + masks[name]![end][at]!, 0);
        if (users === 0) counts.free += 1;
        else counts.claimed += 1;
        if (users > 1) counts.shared += 1;
      }
    }
  }
  return counts;
}

/** Masks as feeds: `<plugin>.<kind>1` and `<plugin>.<kind>2`, as floats. */
export function maskFeeds(masks: Masks, kind: string): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = {};
  for (const [name, { mask1, mask2 }] of Object.entries(masks)) {
    feeds[`${name}.${kind}1`] = Float32Array.from(mask1);
    feeds[`${name}.${kind}2`] = Float32Array.from(mask2);
  }
  return feeds;
}
