/**
 * The active set of a task: as many neurons of each plugin as a task trains and computes, whatever the lineage has
 * grown to. It holds free neurons, at least a set share of it, and the claimed neurons of the domains nearest to the
 * task's. What is outside has a gate of exactly 0 and is not computed, so the cost of a task does not grow with the
 * lineage. Where too few neurons are free the plugin grows: new ones are in nobody's mask. Only first layers grow;
 * an output that is claimed by all is still reached by new neurons, through weights that nobody protects.
 */
import { type PluginConfig, pluginPlaces } from './config.ts';
import type { Kept, Uses, Widths } from './kept.ts';

export interface ActiveSet {
  /** By plugin name the number of the neuron on each row, ascending; as many as the plugin is wide. */
  readonly neurons: Readonly<Record<string, Uint32Array>>;
  /** With what was grown for this task. */
  readonly widths: Widths;
}

/**
 * @param widths first-layer neurons so far
 * @param uses of those, and of the outputs, by every version that is not retired
 * @param near what the nearest domains keep, nearest first; from as many of them as there is room for
 * @param freeShare least share of the active set that is free, 0 to 1
 */
export function activeSet(
  config: PluginConfig,
  widths: Widths,
  uses: Uses,
  near: readonly Kept[],
  freeShare: number,
): ActiveSet {
  const neurons: Record<string, Uint32Array> = {};
  const grown: Record<string, number> = {};
  for (const { name, width } of pluginPlaces(config)) {
    const { first } = uses[name]!;
    const free = Array.from(first.keys()).filter((neuron) => first[neuron] === 0);
    const fewest = Math.min(width, Math.max(1, Math.ceil(freeShare * width)));
    const room = width - Math.min(width, Math.max(free.length, fewest));
    const claimed = firstOf(
      near.map((kept) => kept[name]!.index1),
      room,
    );
    const wanted = width - claimed.size;
    const before = widths[name]!;
    grown[name] = before + Math.max(0, wanted - free.length);
    const fresh = Array.from({ length: grown[name] - before }, (_, k) => before + k);
    neurons[name] = Uint32Array.from([...free.slice(0, wanted), ...fresh, ...claimed]).sort();
  }
  return { neurons, widths: grown };
}

/** The first `most` distinct numbers of some lists, one list after the other. */
function firstOf(lists: readonly Uint32Array[], most: number): Set<number> {
  const found = new Set<number>();
  for (const list of lists) {
    for (const number of list) {
      if (found.size >= most) return found;
      found.add(number);
    }
  }
  return found;
}
