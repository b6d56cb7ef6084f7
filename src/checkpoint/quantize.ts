/**
 * Weight-only quantisation: matrices as 8-bit integers with one scale per output channel (row), activations as they
 * are. A quarter of the size; symmetric, so that 0 stays 0: w ≈ scale · round(w / scale), scale = max|row| / 127.
 */
import type { Graph, GraphNode, Initializer } from '../engine/graph.ts';
import { quantizeRows } from '../engine/index.ts';

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
    const [rows, columns] = entry.shape as [number, number];
    const values = new Float32Array(entry.data.buffer, entry.data.byteOffset, rows * columns);
    const { integers, scales } = quantizeRows(values, rows, columns);
    const own = quantizedNames(entry.name);
    names.set(entry.name, own);
    const inside = (
      name: string,
      type: 'int8' | 'float32',
      shape: readonly number[],
      data: ArrayBufferLike,
    ) => initializers.push({ name, type, shape, data: new Uint8Array(data), external: false });
    inside(own.integers, 'int8', entry.shape, integers.buffer);
    inside(own.scales, 'float32', [rows], scales.buffer);
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
