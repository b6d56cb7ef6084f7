/** A compiled graph in an ONNX Runtime session: typed arrays in, typed arrays out. */
import * as ort from 'onnxruntime-node';
import { CptError } from '../errors.ts';
import { createSession, guard, providerOf, residentOf } from './create-session.ts';
import type { DeviceMemory } from './device-memory.ts';
import { gpuValue } from './gpu-buffer.ts';
import type { ElementType, Graph, ValueSpec } from './graph.ts';

export type Values = Float32Array | Int32Array | Uint8Array | BigInt64Array;
export type Feeds = Readonly<Record<string, Values>>;
export type Results = Record<string, Values>;
/** Sizes of dynamic axes by name. */
export type Axes = Readonly<Record<string, number>>;

export interface SessionOptions {
  /** Threads within one operator; default: as many as the machine has cores. */
  readonly threads?: number;
  /** ONNX Runtime execution providers in order of preference; default `cpu`. */
  readonly providers?: readonly string[];
  /**
   * Least memory, on the processor: weights in single precision stay where they are and are fed to each run, where
   * otherwise the runtime copies them, and once more to lay them out for products, which pays only where products
   * have few rows; and no block is planned for all intermediate values beside the one that the first run took.
   */
  readonly lean?: boolean;
  /**
   * Microseconds for which an idle thread waits awake for the next operator; default 100. Never sleeping takes
   * time from whatever else the machine does (a third of a step, measured); sleeping at once costs a tenth.
   */
  readonly spin?: number;
  /** Has ONNX Runtime time every operator; `dispose` writes what it saw to a file whose name starts so. */
  readonly profile?: string;
  /** Outputs that stay on the device where it can keep them; their arrays in `into` then belong to this memory. */
  readonly resident?: Resident;
}

export interface Resident {
  readonly memory: DeviceMemory;
  /** Names, all of float32 values. */
  readonly outputs: readonly string[];
}

export interface Program {
  /** What runs, without its large constants. */
  readonly graph: Graph;
  /** The provider that the session was opened with. */
  readonly provider: string;
  /**
   * Runs the graph once. Where `into` names an output, the result is written to that array, whose memory must
   * not be one of the feeds'.
   * @param wanted the outputs to hand out; all of them by default
   * @param axes sizes of dynamic axes, needed only where a feed has more than one
   * @throws CptError CPT_ENGINE for a missing feed or one of the wrong size, and when the runtime fails.
   */
  run(feeds: Feeds, into?: Feeds, wanted?: readonly string[], axes?: Axes): Promise<Results>;
  dispose(): Promise<void>;
}

export async function openSession(traced: Graph, options: SessionOptions = {}): Promise<Program> {
  const { session, constants, graph } = await createSession(traced, options);
  const { memory, outputs: resident } = residentOf(options);
  return {
    graph,
    provider: providerOf(options),
    async run(feeds, into = {}, wanted = graph.outputs.map(({ name }) => name), axes = {}) {
      const inputs = { ...constants, ...tensors(graph.inputs, feeds, true, axes, memory) };
      const copied = graph.outputs.filter(({ name }) => !resident.has(name));
      const reused = tensors(copied, into, false, axes);
      const fetches = Object.fromEntries(wanted.map((name) => [name, reused[name] ?? null]));
      const results = await guard('run', () => session.run(inputs, fetches));
      return Object.fromEntries(
        wanted.map((name) => {
          const result = results[name]!;
          if (result.location !== 'gpu-buffer') return [name, into[name] ?? (result.data as Values)];
          const array = into[name] ?? new Float32Array(result.size);
          memory!.hold(array, gpuValue(result));
          return [name, array];
        }),
      );
    },
    async dispose() {
      if (options.profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

function tensors(
  specs: readonly ValueSpec[],
  values: Feeds,
  required: boolean,
  axes: Axes,
  memory?: DeviceMemory,
): Record<string, ort.Tensor> {
  const result: Record<string, ort.Tensor> = {};
  for (const spec of specs) {
    const data = values[spec.name];
    if (data === undefined) {
      if (required) throw new CptError('CPT_ENGINE', `The feed ${spec.name} is missing.`);
      continue;
    }
    const held = memory?.get<ort.Tensor>(data);
    if (held !== undefined) {
      result[spec.name] = held.tensor;
      continue;
    }
    const dims = shapeOfFeed(spec.name, spec.shape, data, axes);
    result[spec.name] = new ort.Tensor(ortType(spec.type), data as Float32Array, dims);
  }
  return result;
}

/**
 * The shape of a feed's values: axes that `axes` names have that size, one other dynamic axis takes what is left.
 * @throws CptError CPT_ENGINE where the values do not fit
 */
export function shapeOfFeed(
  name: string,
  declared: readonly (number | string)[],
  data: Values,
  axes: Axes,
): number[] {
  const shape = declared.map((axis) => (typeof axis === 'number' ? axis : (axes[axis] ?? -1)));
  const known = shape.reduce((product, axis) => (axis < 0 ? product : product * axis), 1);
  const free = shape.filter((axis) => axis < 0).length;
  if (free > 1 || (free === 0 && known !== data.length) || data.length % known !== 0) {
    throw new CptError('CPT_ENGINE', `The feed ${name} has ${data.length} values, not [${declared}].`);
  }
  return shape.map((axis) => (axis < 0 ? data.length / known : axis));
}

function ortType(type: ElementType): 'float32' {
  // onnxruntime-common's overloads tie each name to one array type; the graph's own declaration decides here.
  return type as 'float32';
}
