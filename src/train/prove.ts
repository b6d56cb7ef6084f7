/**
 * The proof after a task that no earlier version changed. A task writes the neurons that it keeps and nothing else, so
 * what can have changed is known: the hashes of those, as every version that has them uses them, are made again. Beside
 * that a few versions are proved whole: those nearest to the task, and others in turn, so that damage to what no task
 * touches is found too.
 */
import { domainProof, HASH_BYTES, hashesOf, neuronHashes } from '../checkpoint/proof.ts';
import { type PrunedPlugin, prune } from '../checkpoint/prune.ts';
import { CptError } from '../errors.ts';
import type { Kept } from '../plugin/kept.ts';
import type { Written } from '../plugin/written.ts';
import type { Archive } from './archive.ts';
import { type Lineage, prunedVersion, type Version } from './lineage.ts';
import type { LineageEvaluator } from './measure-lineage.ts';

/** Versions whose weights are proved whole after a task: so many of the nearest, and of all in turn. */
const WEIGHTS = 4;
/** Answers take a pass of the model: one version for so many steps of the task, so that a proof stays a small part of it. */
const STEPS_AN_ANSWER = 20;
const MOST_ANSWERS = 4;

/** Which earlier versions are proved whole after the task that follows on `lineage`; in order of their tasks. */
export interface ToProve {
  readonly weights: readonly Version[];
  /** Those that answer too, and are measured. */
  readonly answers: readonly Version[];
}

/** @param steps of the task */
export function toProve({ versions, tasks }: Lineage, nearest: readonly Version[], steps: number): ToProve {
  const choose = (near: number, inTurn: number): Version[] => {
    const chosen = new Set(nearest.slice(0, near));
    const others = versions.filter((version) => !chosen.has(version));
    for (let k = 0; k < Math.min(inTurn, others.length); k++) {
      chosen.add(others[(tasks * inTurn + k) % others.length]!);
    }
    return versions.filter((version) => chosen.has(version));
  };
  const answers = Math.max(1, Math.min(MOST_ANSWERS, Math.floor(steps / STEPS_AN_ANSWER)));
  return { weights: choose(WEIGHTS, WEIGHTS), answers: choose(answers >> 1, answers - (answers >> 1)) };
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

/**
 * Makes a version again from what is kept, and compares its hashes with the published ones.
 * @throws CptError CPT_FORGETTING where they differ
 */
export function proveWeights(lineage: Lineage, version: Version): PrunedPlugin[] {
  const pruned = prunedVersion(lineage, version);
  if (domainProof(pruned, hashesOf(pruned)) !== version.proof) throw forgotten('weights', version);
  return pruned;
}

/**
 * Beside the weights, the answers to the version's own held-out text.
 * @returns the loss measured again, nats per masked token
 * @throws CptError CPT_FORGETTING where weights or answers are not as published
 */
export async function proveAnswers(
  lineage: Lineage,
  version: Version,
  evaluator: LineageEvaluator,
): Promise<number> {
  const pruned = proveWeights(lineage, version);
  const { heldOut } = lineage.archive.detail(version.task);
  const { loss, probe } = await evaluator.measure(evaluator.batches(heldOut), pruned);
  if (probe !== version.probe) throw forgotten('logits', version);
  return loss;
}

function forgotten(what: 'weights' | 'logits', { domain, version }: Version): CptError {
  return new CptError('CPT_FORGETTING', `The ${what} of ${domain}.${version} are not as published.`, {
    hint: 'Nothing was published. The state may be damaged, or was made on another kind of processor.',
  });
}
