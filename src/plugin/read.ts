/** Which numbers of a lineage its versions read. Nobody would miss the others: they can be erased. */
import { type PluginConfig, pluginPlaces } from './config.ts';
import type { Kept } from './kept.ts';
import { type NeuronRows, rowsBy } from './neurons.ts';
import { type Written, without } from './written.ts';

export interface Readers {
  /**
   * The outputs [hidden] that a first-layer neuron gives something to in any version, 1 where it does; null where no
   * version keeps the neuron.
   */
  outputs(plugin: string, neuron: number): Uint8Array | null;
  /** The outputs [hidden] that any version keeps. */
  kept(plugin: string): Uint8Array;
}

export function readersOf(config: PluginConfig, versions: readonly Kept[]): Readers {
  const plugins = Object.fromEntries(
    pluginPlaces(config).map(({ name }) => [
      name,
      versions.map((kept) => ({
        rows: rowsBy(kept[name]!.index1),
        outputs: kept[name]!.index2,
      })),
    ]),
  );
  const union = (of: readonly { readonly outputs: Uint32Array }[]): Uint8Array => {
    const outputs = new Uint8Array(config.hidden);
    for (const version of of) for (const output of version.outputs) outputs[output] = 1;
    return outputs;
  };
  const known = new Map<string, Uint8Array>(); // neurons that the same versions keep have the same outputs
  return {
    outputs(plugin, neuron) {
      const keeping = plugins[plugin]!.filter(({ rows }) => rows.has(neuron));
      if (keeping.length === 0) return null;
      const key = `${plugin} ${keeping.map((version) => plugins[plugin]!.indexOf(version)).join()}`;
      const outputs = known.get(key) ?? union(keeping);
      known.set(key, outputs);
      return outputs;
    },
    kept: (plugin) => union(plugins[plugin]!),
  };
}

/**
 * What a task wrote, without what nobody reads: rows of neurons that no version keeps are left out, weights to outputs
 * that no version reads them for are 0, and so are biases of outputs that no version keeps.
 * @returns the same object where there is nothing to erase
 */
export function onlyRead(config: PluginConfig, written: Written, readers: Readers): Written {
  let erased = false;
  const entries = Object.entries(written).map(([name, { rows, outputBias }]) => {
    const read = Array.from(rows.index, (neuron) => readers.outputs(name, neuron));
    const dropped = new Set(rows.index.filter((_, at) => read[at] === null));
    const left = without(rows, dropped, config.hidden);
    const outputs = read.filter((one) => one !== null);
    const fc2 = left.fc2.map((value, at) =>
      outputs[Math.floor(at / config.hidden)]![at % config.hidden] === 1 ? value : 0,
    );
    const kept = readers.kept(name);
    const bias = outputBias.map((value, output) => (kept[output] === 1 ? value : 0));
    erased ||= dropped.size > 0 || !same(fc2, left.fc2) || !same(bias, outputBias);
    const own: NeuronRows = { ...left, fc2 };
    return [name, { rows: own, outputBias: bias }] as const;
  });
  return erased ? Object.fromEntries(entries) : written;
}

/** Bit for bit but for zeros' signs. */
function same(a: Float32Array, b: Float32Array): boolean {
  return a.every((value, at) => value === b[at]);
}
