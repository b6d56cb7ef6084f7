/**
 * The proof after a task that no earlier version changed. A task writes the neurons that it keeps and nothing else, so
 * what can have changed is known: the hashes of those, as every version that has them uses them, are made again. Beside
 * that a few versions are proved whole, weights and answers: those nearest to the task, and others in turn, so that
 * damage to what no task touches is found too.
 */
import { domainProof, HASH_BYTES, hashesOf, neuronHashes } from '../checkpoint/proof.ts';
import type { PrunedPlugin } from '../checkpoint/prune.ts';
import { prune } from '../checkpoint/prune.ts';
import { CptError } from '../errors.ts';
import type { Kept } from '../plugin/kept.ts';
import type { Written } from '../plugin/written.ts';
import type { Archive } from './archive.ts';
import { type Lineage, prunedVersion, type Version } from './lineage.ts';
import type { LineageEvaluator } from './measure-lineage.ts';

/** Versions that are proved whole after a task: of the nearest, and of all in turn. */
const NEAREST = 2;
const IN_TURN = 2;

/** Which earlier versions are proved whole, and measured, after the task that follows on `lineage`. */
export function provedWhole({ versions, tasks }: Lineage, nearest: readonly Version[]): Version[] {
  const chosen = new Set(nearest.slice(0, NEAREST));
  const others = versions.filter((version) => !chosen.has(version));
  for (let k = 0; k < Math.min(IN_TURN, others.length); k++) {
    chosen.add(others[(tasks * IN_TURN + k) % others.length]!);
  }
  return versions.filter((version) => chosen.has(version));
}

/**
 * @param after what is kept once the task is
 * @throws CptError CPT_FORGETTING where a neuron of an earlier version is not as it was published
 */
export function proveWritten({ plugin, versions }: Lineage, after: Archive, written: Written): void {
  const changed = Object.fromEntries(
    Object.entries(written).map(([name, { rows }]) => [name, new Set(rows.index)]),
  );
  for (const version of versions) {
    const touched: Kept = Object.fromEntries(
      Object.entries(version.kept).map(([name, { index1, index2 }]) => [
        name,
        { index1: index1.filter((neuron) => changed[name]!.has(neuron)), index2 },
      ]),
    );
    if (Object.values(touched).every(({ index1 }) => index1.length === 0)) continue;
    const { hashes } = after.detail(version.task);
    for (const pruned of prune(plugin, after, touched)) {
      const { name } = pruned.place;
      if (!hashesAgree(pruned, version.kept[name]!.index1, hashes[name]!))
        throw forgotten('weights', version);
    }
  }
}

function hashesAgree(pruned: PrunedPlugin, all: Uint32Array, published: Uint8Array): boolean {
  const now = neuronHashes(pruned);
  return pruned.index1.every((neuron, row) => {
    const at = all.indexOf(neuron) * HASH_BYTES;
    const hash = now.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES);
    return hash.every((byte, k) => byte === published[at + k]);
  });
}

export interface Proved {
  readonly version: Version;
  /** Of the version's own model on its own held-out text, measured again. */
  readonly loss: number;
}

/**
 * Makes a version again from what is kept, and compares its weights' hashes and its answers with the published ones.
 * @throws CptError CPT_FORGETTING where they differ
 */
export async function proveWhole(
  lineage: Lineage,
  version: Version,
  evaluator: LineageEvaluator,
): Promise<Proved> {
  const pruned = prunedVersion(lineage, version);
  if (domainProof(pruned, hashesOf(pruned)) !== version.proof) throw forgotten('weights', version);
  const { heldOut } = lineage.archive.detail(version.task);
  const { loss, probe } = await evaluator.measure(evaluator.batches(heldOut), pruned);
  if (probe !== version.probe) throw forgotten('logits', version);
  return { version, loss };
}

function forgotten(what: 'weights' | 'logits', { domain, version }: Version): CptError {
  return new CptError('CPT_FORGETTING', `The ${what} of ${domain}.${version} are not as published.`, {
    hint: 'Nothing was published. The state may be damaged, or was made on another kind of processor.',
  });
}
