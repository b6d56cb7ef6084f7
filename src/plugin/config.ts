/** Sizes and names of the plugins of a lineage. */
import { SITES, type Site } from '../roberta/model.ts';

/**
 * What a plugin reads: the sublayer's output (`sequential`, the paper's text) or its input (`parallel`, the
 * published checkpoint's variant).
 */
export type Placement = 'sequential' | 'parallel';

export interface PluginConfig {
  readonly hidden: number;
  readonly layers: number;
  /** First-layer neurons of each plugin that a task trains and a checkpoint may hold, however many the lineage has. */
  readonly widths: Readonly<Record<Site, number>>;
  readonly placement: Placement;
}

export interface PluginPlace {
  readonly layer: number;
  readonly site: Site;
  /** `cpt.layer.<layer>.<site>` */
  readonly name: string;
  readonly width: number;
}

export function pluginName(layer: number, site: Site): string {
  return `cpt.layer.${layer}.${site}`;
}

/** Every plugin of the model, from the first layer up. */
export function pluginPlaces(config: PluginConfig): PluginPlace[] {
  return Array.from({ length: config.layers }, (_, layer) =>
    SITES.map((site) => ({ layer, site, name: pluginName(layer, site), width: config.widths[site] })),
  ).flat();
}

/** Shapes of the weights of all plugins by name: fc1 [width, hidden] and [width], fc2 [hidden, width] and [hidden]. */
export function pluginShapes(config: PluginConfig): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (const { name, width } of pluginPlaces(config)) {
    shapes[`${name}.fc1.weight`] = [width, config.hidden];
    shapes[`${name}.fc1.bias`] = [width];
    shapes[`${name}.fc2.weight`] = [config.hidden, width];
    shapes[`${name}.fc2.bias`] = [config.hidden];
  }
  return shapes;
}

/** Shapes of per-neuron vectors such as embeddings, masks and claims: `<kind>1` [width] and `<kind>2` [hidden]. */
export function neuronShapes(config: PluginConfig, kind: string): Record<string, number[]> {
  const shapes: Record<string, number[]> = {};
  for (const { name, width } of pluginPlaces(config)) {
    shapes[`${name}.${kind}1`] = [width];
    shapes[`${name}.${kind}2`] = [config.hidden];
  }
  return shapes;
}
