/** Splits of many parts as trees of small ones: a GPU's shader binds few buffers at a time. */
import type { Graph, GraphNode, Initializer } from './graph.ts';

/**
 * Parts that one Split may have: with its input, the 8 storage buffers of a shader that WebGPU guarantees
 * (maxStorageBuffersPerShaderStage).
 */
const MOST = 7;

/**
 * The same graph with no Split of more than {@link MOST} parts. Only splits whose sizes are constants are wide,
 * others are left.
 */
export function narrow(graph: Graph): Graph {
  const initializers = new Map(graph.initializers.map((entry) => [entry.name, entry]));
  const added: Initializer[] = [];
  const split = (node: GraphNode): GraphNode[] => {
    const { inputs, outputs } = node;
    const constant = node.op === 'Split' ? initializers.get(inputs[1] ?? '') : undefined;
    if (constant === undefined || outputs.length <= MOST) return [node];
    const sizes = int64s(constant);
    const per = Math.ceil(outputs.length / MOST);
    const groups: { name: string; from: number; to: number }[] = [];
    for (let from = 0; from < outputs.length; from += per) {
      const to = Math.min(from + per, outputs.length);
      // A group of one is its part itself.
      groups.push({ name: to - from === 1 ? outputs[from]! : `${outputs[from]}:group`, from, to });
    }
    const sum = (from: number, to: number) => sizes.slice(from, to).reduce((total, size) => total + size, 0n);
    const sized = (name: string, values: readonly bigint[]): string => {
      const data = new Uint8Array(BigInt64Array.from(values).buffer);
      added.push({ name, type: 'int64', shape: [values.length], data, external: false });
      return name;
    };
    const wide = sized(
      `${outputs[0]}:groups`,
      groups.map(({ from, to }) => sum(from, to)),
    );
    const first: GraphNode = { ...node, inputs: [inputs[0]!, wide], outputs: groups.map(({ name }) => name) };
    const rest = groups
      .filter(({ from, to }) => to - from > 1)
      .flatMap(({ name, from, to }) => {
        const own = sized(`${name}:sizes`, sizes.slice(from, to));
        const inner: GraphNode = { ...node, inputs: [name, own], outputs: outputs.slice(from, to) };
        initializers.set(own, added.at(-1)!);
        return split(inner);
      });
    return [first, ...rest];
  };
  const nodes = graph.nodes.flatMap(split);
  return { ...graph, nodes, initializers: [...graph.initializers, ...added] };
}

function int64s({ data }: Initializer): bigint[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength / 8 }, (_, at) => view.getBigInt64(at * 8, true));
}
