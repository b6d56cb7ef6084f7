/** A small ONNX graph in memory: what the tracer writes and `onnx.ts` serialises. */

export type ElementType = 'float32' | 'int32' | 'int64' | 'bool' | 'uint8' | 'int8';

export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface GraphNode {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface ValueSpec {
  readonly name: string;
  readonly type: ElementType;
  /** A string names a dynamic axis. */
  readonly shape: readonly (number | string)[];
}

export interface Initializer {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** External initialisers travel beside the protobuf, not inside it. */
  readonly external: boolean;
}

export interface Graph {
  readonly inputs: readonly ValueSpec[];
  readonly outputs: readonly ValueSpec[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
}

const BYTES: Record<ElementType, number> = { float32: 4, int32: 4, int64: 8, bool: 1, uint8: 1, int8: 1 };

export function elementBytes(type: ElementType): number {
  return BYTES[type];
}

/** Collects nodes and constants; equal small constants are stored once. */
export class GraphBuilder {
  readonly #nodes: GraphNode[] = [];
  readonly #initializers = new Map<string, Initializer>();
  readonly #pool = new Map<string, string>();
  #next = 0;

  fresh(hint: string): string {
    return `${hint}_${this.#next++}`;
  }

  node(
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
    outputs = 1,
    domain = '',
  ): string[] {
    // The same pure operation on the same values is the same value: nothing is computed twice.
    const key = `n:${domain}:${op}:${inputs.join(',')}:${JSON.stringify(attributes)}:${outputs}`;
    const known = this.#pool.get(key);
    if (known !== undefined) return known.split(',');
    const names = Array.from({ length: outputs }, () => this.fresh(op));
    this.#nodes.push({ op, domain, inputs, outputs: names, attributes });
    this.#pool.set(key, names.join(','));
    return names;
  }

  constant(type: ElementType, shape: readonly number[], data: Uint8Array): string {
    const small = data.byteLength <= 1024;
    const key = small ? `c:${type}:${shape.join('x')}:${Buffer.from(data).toString('base64')}` : '';
    const known = small ? this.#pool.get(key) : undefined;
    if (known !== undefined) return known;
    const name = this.fresh('const');
    this.#initializers.set(name, { name, type, shape, data, external: false });
    if (small) this.#pool.set(key, name);
    return name;
  }

  int64(values: readonly number[], shape: readonly number[] = [values.length]): string {
    const data = BigInt64Array.from(values, (value) => BigInt(value));
    return this.constant('int64', shape, new Uint8Array(data.buffer));
  }

  float(value: number): string {
    return this.constant('float32', [], new Uint8Array(Float32Array.of(value).buffer));
  }

  /** Gives a value a name of the caller's, by an Identity node that `finish` removes where it can. */
  alias(from: string, name: string): void {
    this.#nodes.push({ op: 'Identity', domain: '', inputs: [from], outputs: [name], attributes: {} });
  }

  has(initializer: string): boolean {
    return this.#initializers.has(initializer);
  }

  initializer(initializer: Initializer): void {
    this.#initializers.set(initializer.name, initializer);
  }

  /** The graph that computes `outputs`; everything they do not need is left out. */
  finish(inputs: readonly ValueSpec[], outputs: readonly ValueSpec[]): Graph {
    const needed = new Set(outputs.map((output) => output.name));
    const kept: GraphNode[] = [];
    for (const node of this.#nodes.toReversed()) {
      if (!node.outputs.some((name) => needed.has(name))) continue;
      for (const name of node.inputs) needed.add(name);
      kept.push(node);
    }
    const initializers = [...this.#initializers.values()].filter((entry) => needed.has(entry.name));
    return {
      inputs: inputs.filter((input) => needed.has(input.name)),
      outputs,
      nodes: renamed(kept.reverse()),
      initializers,
    };
  }
}

/** Gives a value that an output stands for the output's name, in place of a node that copies it. */
function renamed(nodes: readonly GraphNode[]): GraphNode[] {
  const made = new Set(nodes.flatMap((node) => (node.op === 'Identity' ? [] : node.outputs)));
  const names = new Map<string, string>();
  const rest = nodes.filter(({ op, inputs, outputs }) => {
    const direct = op === 'Identity' && made.has(inputs[0]!) && !names.has(inputs[0]!);
    if (direct) names.set(inputs[0]!, outputs[0]!);
    return !direct;
  });
  const rename = (name: string) => names.get(name) ?? name;
  return rest.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
}
