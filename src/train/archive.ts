/** Where a lineage's neurons and what belongs to single versions are kept: read on demand, never all at once. */
import type { NeuronHashes } from '../checkpoint/proof.ts';
import { CptError } from '../errors.ts';
import type { PluginConfig } from '../plugin/config.ts';
import type { NeuronRows, NeuronSource } from '../plugin/neurons.ts';
import type { Written } from '../plugin/written.ts';

/** What is kept of one version beside its masks. */
export interface VersionDetail {
  /** Blocks of token ids that were never trained on; all later measurements of the domain use them. */
  readonly heldOut: readonly Int32Array[];
  readonly hashes: NeuronHashes;
}

export interface Archive extends NeuronSource {
  /** @throws CptError CPT_STATE where there is none */
  detail(task: number): VersionDetail;
}

/** Of a lineage without tasks. */
export function emptyArchive({ hidden }: PluginConfig): Archive {
  return {
    rows(plugin, index) {
      if (index.length > 0) throw missing(plugin, index[0]!);
      return { index, fc1: new Float32Array(0), bias: new Float32Array(0), fc2: new Float32Array(0) };
    },
    outputBias: () => new Float32Array(hidden),
    detail(task) {
      throw new CptError('CPT_STATE', `The state has no task ${task}.`);
    },
  };
}

/** An archive with what one more task wrote, in memory. */
export function withTask(
  { hidden }: PluginConfig,
  before: Archive,
  task: number,
  written: Written,
  detail: VersionDetail,
): Archive {
  return {
    rows(plugin, index) {
      const { rows } = written[plugin]!;
      const changed = new Map(Array.from(rows.index, (neuron, row) => [neuron, row]));
      const rest = before.rows(
        plugin,
        index.filter((neuron) => !changed.has(neuron)),
      );
      return mergedRows(index, hidden, [rows, rest]);
    },
    outputBias: (plugin) => written[plugin]!.outputBias,
    detail: (of) => (of === task ? detail : before.detail(of)),
  };
}

/**
 * The rows of `index`, each from the first of `parts` that has it.
 * @throws CptError CPT_STATE where none has
 */
export function mergedRows(index: Uint32Array, hidden: number, parts: readonly NeuronRows[]): NeuronRows {
  const fc1 = new Float32Array(index.length * hidden);
  const bias = new Float32Array(index.length);
  const fc2 = new Float32Array(index.length * hidden);
  const places = new Map<number, readonly [NeuronRows, number]>();
  for (const part of parts.toReversed()) {
    for (const [row, neuron] of part.index.entries()) places.set(neuron, [part, row]);
  }
  for (const [at, neuron] of index.entries()) {
    const place = places.get(neuron);
    if (place === undefined) throw missing('a plugin', neuron);
    const [part, row] = place;
    fc1.set(part.fc1.subarray(row * hidden, (row + 1) * hidden), at * hidden);
    bias[at] = part.bias[row]!;
    fc2.set(part.fc2.subarray(row * hidden, (row + 1) * hidden), at * hidden);
  }
  return { index, fc1, bias, fc2 };
}

export function missing(plugin: string, neuron: number): CptError {
  return new CptError('CPT_STATE', `The state lacks neuron ${neuron} of ${plugin}.`, {
    hint: 'Restore it from a backup, or give this run another --state and --out.',
  });
}
