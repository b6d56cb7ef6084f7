/**
 * A graph as ONNX Runtime's webgpu provider takes it. Operators that it lacks would run on the processor, with a
 * copy to and fro and a wait for the device each time, so they are written in others.
 */
import type { Graph, GraphNode, Initializer } from './graph.ts';
import { ONNX_TYPE } from './onnx.ts';

/**
 * Parts that one Split may have: with its input, the 8 storage buffers of a shader that WebGPU guarantees
 * (maxStorageBuffersPerShaderStage).
 */
const MOST_PARTS = 7;

export function forWebgpu(graph: Graph): Graph {
  const constants = new Map(graph.initializers.map((entry) => [entry.name, entry]));
  const added: Initializer[] = [];
  const constant = (name: string, values: readonly bigint[]): string => {
    const data = new Uint8Array(BigInt64Array.from(values).buffer);
    const entry: Initializer = { name, type: 'int64', shape: [values.length], data, external: false };
    constants.set(name, entry);
    added.push(entry);
    return name;
  };

  /** As a tree of splits; only where the sizes are constants, as they always are for many parts. */
  const split = (node: GraphNode): GraphNode[] => {
    const { inputs, outputs } = node;
    const sizes = constants.get(inputs[1] ?? '');
    if (sizes === undefined || outputs.length <= MOST_PARTS) return [node];
    const parts = int64s(sizes);
    const per = Math.ceil(outputs.length / MOST_PARTS);
    const groups: { readonly name: string; readonly parts: bigint[]; readonly outputs: readonly string[] }[] =
      [];
    for (let from = 0; from < outputs.length; from += per) {
      const own = outputs.slice(from, from + per);
      const name = own.length === 1 ? own[0]! : `${own[0]}:group`; // a group of one is its part itself
      groups.push({ name, parts: parts.slice(from, from + per), outputs: own });
    }
    const sums = groups.map((group) => group.parts.reduce((sum, size) => sum + size, 0n));
    const first: GraphNode = {
      ...node,
      inputs: [inputs[0]!, constant(`${outputs[0]}:groups`, sums)],
      outputs: groups.map(({ name }) => name),
    };
    const rest = groups
      .filter((group) => group.outputs.length > 1)
      .flatMap((group) => {
        const own = constant(`${group.name}:sizes`, group.parts);
        return split({ ...node, inputs: [group.name, own], outputs: group.outputs });
      });
    return [first, ...rest];
  };

  const nodes = graph.nodes.flatMap((node) => {
    if (node.domain !== '') return [node];
    if (node.op === 'Split') return split(node);
    if (node.op === 'Or') return or(node);
    return node.op === 'Sum' ? sum(node) : [node];
  });
  return { ...graph, nodes, initializers: [...graph.initializers, ...added] };
}

/** The larger of 0 and 1. */
function or({ inputs, outputs }: GraphNode): GraphNode[] {
  const output = outputs[0]!;
  const cast = (from: string, name: string, to: number) => plain('Cast', [from], name, { to });
  const numbers = inputs.map((_, at) => `${output}:${at}`);
  return [
    ...inputs.map((input, at) => cast(input, numbers[at]!, ONNX_TYPE.float32)),
    plain('Max', numbers, `${output}:max`),
    cast(`${output}:max`, output, ONNX_TYPE.bool),
  ];
}

/** One addend after the other. */
function sum(node: GraphNode): GraphNode[] {
  const { inputs, outputs } = node;
  if (inputs.length < 2) return [node];
  return inputs.slice(1).map((input, at) => {
    const left = at === 0 ? inputs[0]! : `${outputs[0]}:${at}`;
    return plain('Add', [left, input], at === inputs.length - 2 ? outputs[0]! : `${outputs[0]}:${at + 1}`);
  });
}

function plain(
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: GraphNode['attributes'] = {},
): GraphNode {
  return { op, domain: '', inputs, outputs: [output], attributes };
}

function int64s({ data }: Initializer): bigint[] {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  return Array.from({ length: data.byteLength / 8 }, (_, at) => view.getBigInt64(at * 8, true));
}
