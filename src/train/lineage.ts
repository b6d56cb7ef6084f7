/** The state of a lineage as training sees it: shared plugin weights and the published versions with their masks. */

import type { PluginConfig } from '../plugin/config.ts';
import { initialPlugins } from '../plugin/init.ts';
import type { Occupancy } from '../plugin/mask.ts';
import { claimOf, type Masks, occupancy } from '../plugin/mask.ts';
import type { Rng } from '../rng.ts';

/** What one task left behind: a domain's model is its masks over the shared weights. */
export interface Version {
  /** Counted from 1 over the lineage. */
  readonly task: number;
  readonly domain: string;
  /** Counted from 1 over the tasks of this domain. */
  readonly version: number;
  readonly masks: Masks;
  /** Blocks of token ids that were never trained on; all later measurements of the domain use them. */
  readonly heldOut: readonly Int32Array[];
  /** Held-out loss of the base, and of this version when it was published; nats per masked token. */
  readonly baseLoss: number;
  readonly publishedLoss: number;
  /** SHA-256 of the version's pruned plugin, and of its logits on a probe of its held-out text. */
  readonly proof: string;
  readonly probe: string;
}

export interface Lineage {
  readonly plugin: PluginConfig;
  /** Plugin weights of full width by name, see `pluginShapes`. */
  readonly weights: Readonly<Record<string, Float32Array>>;
  /** In order of their tasks. */
  readonly versions: readonly Version[];
}

export function freshLineage(plugin: PluginConfig, rng: Rng): Lineage {
  return { plugin, weights: initialPlugins(plugin, rng.fork('plugins')), versions: [] };
}

/** What later tasks may not change: everything that any version uses. */
export function lineageClaim({ plugin, versions }: Lineage): Masks {
  return claimOf(
    plugin,
    versions.map((version) => version.masks),
  );
}

export function lineageOccupancy({ plugin, versions }: Lineage): Occupancy {
  return occupancy(
    plugin,
    versions.map((version) => version.masks),
  );
}

/** The newest version of each domain, in order of the domains' first tasks. */
export function newestVersions({ versions }: Lineage): Version[] {
  return [...new Map(versions.map((version) => [version.domain, version])).values()];
}
