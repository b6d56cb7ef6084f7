/**
 * Weight-only quantisation: matrices as 8-bit integers with one scale per output channel (row), activations as they
 * are. A quarter of the size; symmetric, so that 0 stays 0: w ≈ scale · round(w / scale), scale = max|row| / 127.
 */
import type { Graph, GraphNode, Initializer } from '../engine/graph.ts';

/** Smaller matrices are kept: their scales and nodes would eat up what is saved. */
const LEAST_ELEMENTS = 256;
const FLOAT = 1;

/** The same graph over quantised matrices. Rows that are only looked up are widened after the look-up. */
export function quantize(graph: Graph): Graph {
  const initializers: Initializer[] = [];
  const nodes: GraphNode[] = [];
  const names = new Map<string, QuantizedNames>();
  for (const entry of graph.initializers) {
    if (!isMatrix(entry)) {
      initializers.push(entry);
      continue;
    }
    const { integers, scales } = quantizeRows(entry);
    const own = quantizedNames(entry.name);
    names.set(entry.name, own);
    const [rows] = entry.shape as [number, number];
    initializers.push({
      name: own.integers,
      type: 'int8',
      shape: entry.shape,
      data: integers,
      external: false,
    });
    initializers.push({ name: own.scales, type: 'float32', shape: [rows], data: scales, external: false });
  }
  const widened = new Set<string>();
  for (const node of graph.nodes) {
    const looked = names.get(node.inputs[0] ?? '');
    if (node.op === 'Gather' && node.attributes.axis === 0 && looked !== undefined) {
      nodes.push(...lookUp(node, looked));
      continue;
    }
    for (const name of node.inputs) {
      const own = names.get(name);
      if (own === undefined || widened.has(name)) continue;
      widened.add(name);
      nodes.push(operation('DequantizeLinear', [own.integers, own.scales], name, { axis: 0 }));
    }
    nodes.push(node);
  }
  return { ...graph, nodes, initializers: [...initializers, LAST_AXIS] };
}

interface QuantizedNames {
  readonly integers: string;
  readonly scales: string;
}

function quantizedNames(name: string): QuantizedNames {
  return { integers: `${name}_int8`, scales: `${name}_scale` };
}

/** Gather(W, ids) as Gather(integers, ids) · Gather(scales, ids): the table itself is never widened. */
function lookUp({ inputs, outputs }: GraphNode, own: QuantizedNames): GraphNode[] {
  const ids = inputs[1]!;
  const result = outputs[0]!;
  const part = (name: string) => `${result}_${name}`;
  return [
    operation('Gather', [own.integers, ids], part('int8'), { axis: 0 }),
    operation('Cast', [part('int8')], part('float'), { to: FLOAT }),
    operation('Gather', [own.scales, ids], part('row_scale'), { axis: 0 }),
    operation('Unsqueeze', [part('row_scale'), LAST_AXIS.name], part('scale'), {}),
    operation('Mul', [part('float'), part('scale')], result, {}),
  ];
}

const LAST_AXIS: Initializer = {
  name: 'last_axis',
  type: 'int64',
  shape: [1],
  data: new Uint8Array(BigInt64Array.of(-1n).buffer),
  external: false,
};

function operation(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: GraphNode['attributes'],
): GraphNode {
  return { op, domain: '', inputs, outputs: [output], attributes };
}

function isMatrix({ type, shape }: Initializer): boolean {
  return type === 'float32' && shape.length === 2 && shape[0]! * shape[1]! >= LEAST_ELEMENTS;
}

function quantizeRows({ shape, data }: Initializer): { integers: Uint8Array; scales: Uint8Array } {
  const [rows, columns] = shape as [number, number];
  const values = new Float32Array(data.buffer, data.byteOffset, rows * columns);
  const integers = new Int8Array(values.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    let most = 0;
    for (let at = start; at < start + columns; at++) most = Math.max(most, Math.abs(values[at]!));
    scales[row] = most === 0 ? 1 : most / 127; // stored in single precision: divide by what is stored
    for (let at = start; at < start + columns; at++) {
      integers[at] = Math.max(-127, Math.min(127, Math.round(values[at]! / scales[row]!)));
    }
  }
  return { integers: new Uint8Array(integers.buffer), scales: new Uint8Array(scales.buffer) };
}
