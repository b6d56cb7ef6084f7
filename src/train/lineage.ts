/** The state of a lineage as training sees it: the versions with their masks, and where their neurons are kept. */
import { type PrunedPlugin, prune } from '../checkpoint/prune.ts';
import type { PluginConfig } from '../plugin/config.ts';
import {
  type Kept,
  noWidths,
  type Occupancy,
  occupancy,
  type Uses,
  usesOf,
  type Widths,
} from '../plugin/kept.ts';
import { type Archive, emptyArchive } from './archive.ts';

/** What one task left behind: a domain's model is the neurons that it keeps. */
export interface Version {
  /** Counted from 1 over the lineage. */
  readonly task: number;
  readonly domain: string;
  /** Counted from 1 over the tasks of this domain. */
  readonly version: number;
  readonly kept: Kept;
  /** Held-out loss of the base, and of this version when it was published; nats per masked token. */
  readonly baseLoss: number;
  readonly publishedLoss: number;
  /** The version's `domainProof`, and SHA-256 of its logits on a probe of its held-out text. */
  readonly proof: string;
  readonly probe: string;
}

export interface Lineage {
  readonly plugin: PluginConfig;
  /** Tasks so far, those of retired domains too. */
  readonly tasks: number;
  /** First-layer neurons so far. */
  readonly widths: Widths;
  /** In order of their tasks; retired ones are not among them. */
  readonly versions: readonly Version[];
  /** What was retired, in order of its tasks: its numbers are not given again. */
  readonly retired: readonly Pick<Version, 'task' | 'domain' | 'version'>[];
  readonly archive: Archive;
}

export function freshLineage(plugin: PluginConfig): Lineage {
  return {
    plugin,
    tasks: 0,
    widths: noWidths(plugin),
    versions: [],
    retired: [],
    archive: emptyArchive(plugin),
  };
}

/** How many versions use each neuron: what any of them uses is claimed, and later tasks may not change it. */
export function lineageUses({ plugin, widths, versions }: Lineage): Uses {
  return usesOf(
    plugin,
    widths,
    versions.map((version) => version.kept),
  );
}

export function lineageOccupancy(lineage: Lineage): Occupancy {
  return occupancy(lineageUses(lineage));
}

/** The newest version of each domain, in order of the domains' first tasks. */
export function newestVersions({ versions }: Lineage): Version[] {
  return [...new Map(versions.map((version) => [version.domain, version])).values()];
}

/** The number that a domain's next version has; 1 for its first. */
export function nextVersion({ versions, retired }: Lineage, domain: string): number {
  const own = [...versions, ...retired].filter((version) => version.domain === domain);
  return 1 + Math.max(0, ...own.map((version) => version.version));
}

/** A version's own neurons, as they are published. */
export function prunedVersion({ plugin, archive }: Lineage, { kept }: Version): PrunedPlugin[] {
  return prune(plugin, archive, kept);
}

/**
 * The newest versions of the domains nearest to a new task's, nearest first: its own where it returns, then those named,
 * then all others, the newest first.
 * @param near domain ids, nearest first; unknown ones are passed over
 */
export function nearestVersions(lineage: Lineage, domain: string, near: readonly string[]): Version[] {
  const newest = newestVersions(lineage);
  const byTask = newest.toSorted((a, b) => b.task - a.task);
  const named = [domain, ...near].flatMap((id) => newest.filter((version) => version.domain === id));
  return [...new Set([...named, ...byTask])];
}
