/** Binary masks over the rows of plugins, as plain bytes: 1 where a neuron is used. */
import { type PluginConfig, pluginPlaces } from './config.ts';

/** For every plugin one byte a neuron of its first layer [width] and second [hidden]. */
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

/** Masks as feeds: `<plugin>.<kind>1` and `<plugin>.<kind>2`, as floats. */
export function maskFeeds(masks: Masks, kind: string): Record<string, Float32Array> {
  const feeds: Record<string, Float32Array> = {};
  for (const [name, { mask1, mask2 }] of Object.entries(masks)) {
    feeds[`${name}.${kind}1`] = Float32Array.from(mask1);
    feeds[`${name}.${kind}2`] = Float32Array.from(mask2);
  }
  return feeds;
}
