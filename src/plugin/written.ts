/** What a task leaves of its weights to the lineage: the neurons that it keeps, where they changed. */
import type { ActiveSet } from './active-set.ts';
import { type PluginConfig, pluginPlaces } from './config.ts';
import type { Kept, Uses } from './kept.ts';
import { isClaimed, type NeuronRows, type NeuronSource, rowsBy } from './neurons.ts';

/** What a task leaves: by plugin name the neurons that it keeps and the second layer's biases. */
export type Written = Readonly<
  Record<string, { readonly rows: NeuronRows; readonly outputBias: Float32Array }>
>;

/**
 * The neurons that a task keeps and that are not, bit for bit, what they were. A claimed one that it does not keep
 * stays as it was: no domain reads what the task may have changed in it.
 * @param weights of the active set, as trained
 */
export function written(
  config: PluginConfig,
  { neurons }: ActiveSet,
  weights: Readonly<Record<string, Float32Array>>,
  kept: Kept,
  uses: Uses,
  source: NeuronSource,
): Written {
  const { hidden } = config;
  const result: Record<string, { rows: NeuronRows; outputBias: Float32Array }> = {};
  for (const { name, width } of pluginPlaces(config)) {
    const part = (of: string) => weights[`${name}.${of}`]!;
    const { index1 } = kept[name]!;
    const rowOf = rowsBy(neurons[name]!);
    const now: NeuronRows = {
      index: index1,
      fc1: joinedRows(
        index1,
        hidden,
        (neuron, column) => part('fc1.weight')[rowOf.get(neuron)! * hidden + column]!,
      ),
      bias: Float32Array.from(index1, (neuron) => part('fc1.bias')[rowOf.get(neuron)!]!),
      fc2: joinedRows(
        index1,
        hidden,
        (neuron, output) => part('fc2.weight')[output * width + rowOf.get(neuron)!]!,
      ),
    };
    const earlier = index1.filter((neuron) => isClaimed(uses, name, neuron));
    const same = unchanged(now, source.rows(name, earlier), hidden);
    result[name] = { rows: without(now, same, hidden), outputBias: part('fc2.bias').slice() };
  }
  return result;
}

function joinedRows(
  index: Uint32Array,
  columns: number,
  value: (neuron: number, column: number) => number,
): Float32Array {
  const rows = new Float32Array(index.length * columns);
  for (const [at, neuron] of index.entries()) {
    for (let column = 0; column < columns; column++) rows[at * columns + column] = value(neuron, column);
  }
  return rows;
}

/** The numbers of the neurons that are equal in both, bit for bit: a zero's sign counts too. */
function unchanged(now: NeuronRows, before: NeuronRows, hidden: number): Set<number> {
  const at = rowsBy(now.index);
  const bits = (values: Float32Array, row: number, size: number) =>
    new Int32Array(values.buffer, values.byteOffset + 4 * row * size, size);
  const equal = (a: Int32Array, b: Int32Array) => a.every((value, k) => value === b[k]);
  return new Set(
    before.index.filter((neuron, row) => {
      const here = at.get(neuron)!;
      return (
        equal(bits(now.fc1, here, hidden), bits(before.fc1, row, hidden)) &&
        equal(bits(now.bias, here, 1), bits(before.bias, row, 1)) &&
        equal(bits(now.fc2, here, hidden), bits(before.fc2, row, hidden))
      );
    }),
  );
}

function without(rows: NeuronRows, dropped: ReadonlySet<number>, hidden: number): NeuronRows {
  const left = Array.from(rows.index.keys()).filter((at) => !dropped.has(rows.index[at]!));
  const pick = (values: Float32Array, size: number): Float32Array => {
    const picked = new Float32Array(left.length * size);
    for (const [to, at] of left.entries()) picked.set(values.subarray(at * size, (at + 1) * size), to * size);
    return picked;
  };
  const index = Uint32Array.from(left, (at) => rows.index[at]!);
  return { index, fc1: pick(rows.fc1, hidden), bias: pick(rows.bias, 1), fc2: pick(rows.fc2, hidden) };
}
