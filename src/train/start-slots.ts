/** The parameters that a task starts from. */
import type { ActiveSet } from '../plugin/active-set.ts';
import { initialEmbeddings } from '../plugin/init.ts';
import type { Uses } from '../plugin/kept.ts';
import { activeWeights } from '../plugin/neurons.ts';
import type { Rng } from '../rng.ts';
import type { Lineage, Version } from './lineage.ts';
import { type Slot, slotOf } from './slots.ts';

/**
 * Claimed neurons as they are kept, free ones and task embeddings anew.
 * @param returning an earlier version of the same domain, whose own neurons start open; or null
 */
export function startSlots(
  { plugin, archive }: Lineage,
  active: ActiveSet,
  uses: Uses,
  returning: Version | null,
  rng: Rng,
): Record<string, Slot> {
  const weights = activeWeights(plugin, active, uses, archive, rng.fork('plugins'));
  const embeddings = initialEmbeddings(plugin, rng.fork('embeddings'));
  for (const [name, own] of Object.entries(returning?.kept ?? {})) {
    const [first, second] = [new Set(own.index1), new Set(own.index2)];
    open(embeddings[`${name}.e1`]!, (row) => first.has(active.neurons[name]![row]!));
    open(embeddings[`${name}.e2`]!, (output) => second.has(output));
  }
  const slots = Object.entries({ ...weights, ...embeddings });
  return Object.fromEntries(slots.map(([name, value]) => [name, slotOf(value)]));
}

/** Lets some gates start open. */
function open(embeddings: Float32Array, own: (at: number) => boolean): void {
  for (let at = 0; at < embeddings.length; at++) {
    if (own(at)) embeddings[at] = Math.abs(embeddings[at]!) + 1;
  }
}
