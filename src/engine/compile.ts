/**
 * `compile(fn, specs)`: a function written in tfjs ops becomes an ONNX graph by tracing it once, and ONNX
 * Runtime executes it. The same function runs eagerly on any tfjs backend, see `eager.ts`.
 */
import * as tf from '@tensorflow/tfjs';
import { CptError } from '../errors.ts';
import { elementBytes, type Graph, type ValueSpec } from './graph.ts';
import { largestInteger } from './integer-range.ts';
import { registerKernelTable } from './kernels/index.ts';
import { encodeModel } from './onnx.ts';
import { registerOps } from './ops/index.ts';
import { MOST } from './quantize.ts';
import { openSession, type Program, type SessionOptions } from './session.ts';
import { type SymbolSource, Symbols } from './symbols.ts';
import { currentBackend, elementType, TRACE_BACKEND, type TraceBackend, traceBackend } from './trace.ts';

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Feeds change with every run, weights never do. */
export type TensorFunction = (feeds: Tensors, weights: Tensors) => Record<string, tf.Tensor>;

export interface FeedSpec {
  /** A string names a dynamic axis; it needs `dynamic` in the options. */
  readonly shape: readonly (number | string)[];
  readonly dtype: 'float32' | 'int32' | 'bool';
  /** Enter the graph as int64, as hub clients expect of ids and attention masks. */
  readonly int64?: boolean;
}

export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type Weights = Readonly<Record<string, Weight>>;

export interface TraceOptions {
  readonly weights?: Weights;
  /** Only standard ONNX operators, for graphs that other programs load. */
  readonly portable?: boolean;
  /** What products with frozen matrices are computed in; default `fp32`. */
  readonly precision?: Precision;
  /** Largest integer of frozen matrices under `int8`; `compile` finds what this processor takes, `trace` takes 127. */
  readonly integerMost?: number;
}

export type Precision = 'fp32' | 'int8';

export type CompileOptions = TraceOptions & SessionOptions;

/** Primes above any model dimension, so that no constant axis is mistaken for a dynamic one. */
const PRIMES = [100_003, 10_007, 1_000_003];

/**
 * Traces `fn` into a graph.
 * @throws CptError CPT_ENGINE where a kernel has no entry in the table or a value is read while tracing.
 */
export function trace(
  fn: TensorFunction,
  specs: Readonly<Record<string, FeedSpec>>,
  options: TraceOptions = {},
): Graph {
  const backend = traceBackend();
  registerKernelTable();
  registerOps(TRACE_BACKEND);
  const previous = currentBackend();
  const { sources, sizes } = dynamicAxes(specs);
  const symbols = new Symbols(sources);
  const integerMost = options.precision === 'int8' ? (options.integerMost ?? MOST) : null;
  const builder = backend.begin(symbols, options.portable === true, integerMost);
  tf.setBackend(TRACE_BACKEND);
  try {
    let graph: Graph | undefined;
    tf.tidy(() => {
      const inputs: ValueSpec[] = [];
      const feeds: Record<string, tf.Tensor> = {};
      for (const [name, spec] of Object.entries(specs)) {
        const type = spec.int64 ? 'int64' : elementType(spec.dtype);
        inputs.push({ name, type, shape: spec.shape });
        const shape = spec.shape.map((axis) => (typeof axis === 'string' ? sizes[axis]! : axis));
        const value = spec.int64 ? builder.node('Cast', [name], { to: 6 })[0]! : name;
        feeds[name] = asTensor(backend.bind(value, shape, spec.dtype));
      }
      const weights: Record<string, tf.Tensor> = {};
      for (const [name, weight] of Object.entries(options.weights ?? {})) {
        weights[name] = asTensor(backend.freeze(name, weight));
      }
      const outputs = outputSpecs(fn(feeds, weights), backend, symbols);
      graph = builder.finish(inputs, outputs);
    });
    return graph!;
  } catch (error) {
    if (error instanceof CptError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CptError('CPT_ENGINE', `The function cannot be compiled: ${message}`, { cause: error });
  } finally {
    backend.end();
    tf.setBackend(previous);
  }
}

/** Traces `fn` and opens an ONNX Runtime session on it. */
export async function compile(
  fn: TensorFunction,
  specs: Readonly<Record<string, FeedSpec>>,
  options: CompileOptions = {},
): Promise<Program> {
  const range = options.precision === 'int8' ? { integerMost: await largestInteger() } : {};
  return openSession(trace(fn, specs, { ...range, ...options }), options);
}

export interface OnnxModel {
  /** The protobuf; refers to the weights at `location`. */
  readonly model: Uint8Array;
  /** The external initialisers, in order, each at a multiple of 64 bytes. */
  readonly chunks: readonly { readonly offset: number; readonly data: Uint8Array }[];
}

/** Serialises a graph with its external weights laid out in one companion file `location`. */
export function toOnnx(graph: Graph, location: string): OnnxModel {
  const external = new Map<string, { location: string; offset: number }>();
  const chunks: { offset: number; data: Uint8Array }[] = [];
  let end = 0;
  for (const entry of graph.initializers.filter((initializer) => initializer.external)) {
    const offset = Math.ceil(end / 64) * 64;
    external.set(entry.name, { location, offset });
    chunks.push({ offset, data: entry.data });
    end = offset + entry.data.byteLength;
  }
  return { model: encodeModel(graph, external), chunks };
}

function asTensor(info: tf.TensorInfo): tf.Tensor {
  return tf.engine().makeTensorFromTensorInfo(info);
}

function outputSpecs(
  results: Record<string, tf.Tensor>,
  backend: TraceBackend,
  symbols: Symbols,
): ValueSpec[] {
  return Object.entries(results).map(([name, tensor]) => {
    backend.graph.alias(backend.name(tensor), name);
    return { name, type: elementType(tensor.dtype), shape: symbols.declared(tensor.shape) };
  });
}

function dynamicAxes(specs: Readonly<Record<string, FeedSpec>>): {
  sources: Record<string, SymbolSource>;
  sizes: Record<string, number>;
} {
  const sources: Record<string, SymbolSource> = {};
  for (const [input, spec] of Object.entries(specs)) {
    for (const [axis, size] of spec.shape.entries()) {
      if (typeof size !== 'string' || size in sources) continue;
      const prime = PRIMES[Object.keys(sources).length];
      if (prime === undefined)
        throw new CptError('CPT_ENGINE', 'At most three dynamic axes can be compiled.');
      sources[size] = { prime, input, axis };
    }
  }
  return {
    sources,
    sizes: Object.fromEntries(Object.entries(sources).map(([name, { prime }]) => [name, prime])),
  };
}

/** Bytes that the external weights of a graph take. */
export function externalBytes(graph: Graph): number {
  return graph.initializers
    .filter((entry) => entry.external)
    .reduce(
      (sum, entry) => sum + entry.shape.reduce((size, axis) => size * axis, elementBytes(entry.type)),
      0,
    );
}
