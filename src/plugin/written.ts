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
    const rows = index1.map((neuron) => rowOf.get(neuron)!);
    const [weight1, bias, weight2] = [part('fc1.weight'), part('fc1.bias'), part('fc2.weight')];
    const now: NeuronRows = {
      index: index1,
      fc1: table(rows, hidden, (row, column) => weight1[row * hidden + column]!),
      bias: Float32Array.from(rows, (row) => bias[row]!),
      fc2: table(rows, hidden, (row, output) => weight2[output * width + row]!),
    };
    const earlier = index1.filter((neuron) => isClaimed(uses, name, neuron));
    const same = unchanged(now, source.rows(name, earlier), hidden);
    result[name] = { rows: without(now, same, hidden), outputBias: part('fc2.bias').slice() };
  }
  return result;
}

function table(
  rows: Uint32Array,
  columns: number,
  value: (row: number, column: number) => number,
): Float32Array {
  const result = new Float32Array(rows.length * columns);
  for (const [at, row] of rows.entries()) {
    for (let column = 0; column < columns; column++) result[at * columns + column] = value(row, column);
  }
  return result;
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

/** Rows without those of some neurons. */
export function without(rows: NeuronRows, dropped: ReadonlySet<number>, hidden: number): NeuronRows {
  const left = Array.from(rows.index.keys()).filter((at) => !dropped.has(rows.index[at]!));
  const pick = (values: Float32Array, size: number): Float32Array => {
    const picked = new Float32Array(left.length * size);
    for (const [to, at] of left.entries()) picked.set(values.subarray(at * size, (at + 1) * size), to * size);
    return picked;
  };
  const index = Uint32Array.from(left, (at) => rows.index[at]!);
  return { index, fc1: pick(rows.fc1, hidden), bias: pick(rows.bias, 1), fc2: pick(rows.fc2, hidden) };
}
