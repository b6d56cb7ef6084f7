/** Forgetting a domain on purpose: what goes, and what stays because other domains use it. */
import type { DomainUse, NeuronCounts } from '../events.ts';
import { pluginPlaces } from '../plugin/config.ts';
import { occupancy, type Uses, usesOf } from '../plugin/kept.ts';
import type { Lineage, Version } from './lineage.ts';
import type { Segment } from './segment.ts';

/** Neurons of both layers over all plugins. */
export interface Leaving {
  /** The domain's versions, oldest first; none where the lineage does not know it. */
  readonly versions: readonly Version[];
  /** Neurons that only these keep: they will be free. */
  readonly reset: number;
  /** Neurons of these that other domains keep too: they stay as they are. */
  readonly kept: number;
  /** Who keeps them: domains in versions after the first of these, and in versions before it. */
  readonly later: readonly DomainUse[];
  readonly earlier: readonly DomainUse[];
  /** Of the lineage without the domain. */
  readonly neurons: NeuronCounts;
}

export function leaving(lineage: Lineage, domain: string): Leaving {
  const { plugin, widths } = lineage;
  const usesBy = (of: readonly Version[]): Uses =>
    usesOf(
      plugin,
      widths,
      of.map(({ kept }) => kept),
    );
  const versions = lineage.versions.filter((version) => version.domain === domain);
  const others = lineage.versions.filter((version) => version.domain !== domain);
  const own = usesBy(versions);
  const rest = usesBy(others);
  const first = versions[0]?.task ?? 0;
  const sharers = (of: readonly Version[]): DomainUse[] =>
    [...new Set(of.map((version) => version.domain))]
      .map((name) => {
        const uses = usesBy(of.filter((version) => version.domain === name));
        return { domain: name, neurons: inBoth(own, uses) };
      })
      .filter(({ neurons }) => neurons > 0);
  const kept = inBoth(own, rest);
  return {
    versions,
    reset: occupancy(own).claimed - kept,
    kept,
    later: sharers(others.filter(({ task }) => task > first)),
    earlier: sharers(others.filter(({ task }) => task < first)),
    neurons: occupancy(rest),
  };
}

function inBoth(a: Uses, b: Uses): number {
  const shared = (x: Uint32Array, y: Uint32Array) => x.filter((users, at) => users > 0 && y[at]! > 0).length;
  return Object.entries(a).reduce(
    (sum, [name, { first, second }]) => sum + shared(first, b[name]!.first) + shared(second, b[name]!.second),
    0,
  );
}

/**
 * The segment of a retired version: its masks, hashes and held-out text are gone; what it wrote is for others to need.
 * @param note what of it is still needed
 */
export function retiredSegment({ plugin, widths, version, written }: Segment, note: unknown): Segment {
  const none = { index1: new Uint32Array(0), index2: new Uint32Array(0) };
  const kept = Object.fromEntries(pluginPlaces(plugin).map(({ name }) => [name, none]));
  return {
    plugin,
    widths,
    version: { ...version, kept, proof: '', probe: '' },
    detail: { heldOut: [], hashes: {} },
    written,
    note,
  };
}
