/**
 * `eager(fn, specs)`: the same function that `compile` traces, run kernel by kernel on a tfjs backend: `cpu`
 * anywhere, `tensorflow` (CUDA) where `@tensorflow/tfjs-node-gpu` is installed.
 */
import * as tf from '@tensorflow/tfjs';
import { CptError } from '../errors.ts';
import { type FeedSpec, type TensorFunction, trace, type Weights } from './compile.ts';
import type { DeviceMemory, DeviceValue } from './device-memory.ts';
import type { Graph } from './graph.ts';
import { registerOps } from './ops/index.ts';
import type { Axes, Feeds, Program, Resident, Results, Values } from './session.ts';
import { shapeOfFeed } from './session.ts';
import { currentBackend, TRACE_BACKEND } from './trace.ts';

export interface EagerOptions {
  readonly weights?: Weights;
  /** A registered tfjs backend; default `cpu`. */
  readonly backend?: string;
  readonly resident?: Resident;
}

/**
 * Opens `fn` as a {@link Program} without compiling it. Feeds and results are those of the compiled one.
 * @throws CptError CPT_ENGINE where the backend is not there; from `run` for a missing feed or one of the wrong
 * size, and where the backend has no kernel for something that the function does.
 */
export async function eager(
  fn: TensorFunction,
  specs: Readonly<Record<string, FeedSpec>>,
  options: EagerOptions = {},
): Promise<Program> {
  const backend = options.backend ?? 'cpu';
  if (backend === TRACE_BACKEND || tf.findBackend(backend) === null) {
    throw new CptError('CPT_ENGINE', `There is no tfjs backend ${backend}.`, {
      hint: 'Use cpu, or install the package that brings the backend.',
    });
  }
  await start(backend);
  registerOps(backend);
  const weights = onBackend(backend, () =>
    Object.fromEntries(
      Object.entries(options.weights ?? {}).map(([name, { shape, data }]) => [
        name,
        tf.keep(tf.tensor(data, [...shape], 'float32')),
      ]),
    ),
  );
  const memory = options.resident?.memory;
  const resident = new Set(options.resident?.outputs);
  let traced: Graph | undefined;
  const graph = (): Graph => {
    traced ??= trace(fn, specs, options);
    return traced;
  };
  return {
    get graph() {
      return graph();
    },
    provider: `tfjs-${backend}`,
    async run(feeds, into = {}, wanted, axes = {}) {
      const results = onBackend(backend, () =>
        tf.tidy(() => {
          const outputs = fn(feedTensors(specs, feeds, axes, memory, graph), weights);
          const names = wanted ?? Object.keys(outputs);
          return Object.fromEntries(names.map((name) => [name, outputs[name]!]));
        }),
      );
      return handOut(results, into, resident, memory);
    },
    async dispose() {
      tf.dispose(weights);
    },
  };
}

/** Starts a backend, which for some is asynchronous, and leaves the current one as it is. */
async function start(backend: string): Promise<void> {
  const previous = currentBackend();
  const started = await tf.setBackend(backend).catch(() => false);
  tf.setBackend(previous);
  if (!started) throw new CptError('CPT_ENGINE', `The tfjs backend ${backend} does not start.`);
}

/** Runs `action` with `backend` as tfjs's current one and puts back what was there before, all at once. */
function onBackend<T>(backend: string, action: () => T): T {
  const previous = currentBackend();
  tf.setBackend(backend);
  try {
    return action();
  } catch (error) {
    if (error instanceof CptError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    throw new CptError('CPT_ENGINE', `tfjs could not run on ${backend}: ${message}`, { cause: error });
  } finally {
    tf.setBackend(previous);
  }
}

function feedTensors(
  specs: Readonly<Record<string, FeedSpec>>,
  feeds: Feeds,
  axes: Axes,
  memory: DeviceMemory | undefined,
  graph: () => Graph,
): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(specs).map(([name, spec]) => {
      const values = feeds[name];
      if (values === undefined) {
        // As in a compiled graph: what no result depends on may be missing.
        if (graph().inputs.some((input) => input.name === name)) {
          throw new CptError('CPT_ENGINE', `The feed ${name} is missing.`);
        }
        const shape = spec.shape.map((axis) => (typeof axis === 'number' ? axis : (axes[axis] ?? 1)));
        return [name, tf.zeros(shape, spec.dtype)];
      }
      const held = memory?.get<tf.Tensor>(values);
      if (held !== undefined) return [name, tf.reshape(held.tensor, [...held.tensor.shape])];
      const shape = shapeOfFeed(name, spec.shape, values, axes);
      const numbers = values instanceof BigInt64Array ? Int32Array.from(values, Number) : values;
      return [name, tf.tensor(numbers, shape, spec.dtype)];
    }),
  );
}

function tensorValue(tensor: tf.Tensor): DeviceValue<tf.Tensor> {
  return {
    tensor,
    async download(into) {
      (into as Float32Array).set(await tensor.data());
    },
    release: () => tensor.dispose(),
  };
}

async function handOut(
  tensors: Record<string, tf.Tensor>,
  into: Feeds,
  resident: ReadonlySet<string>,
  memory: DeviceMemory | undefined,
): Promise<Results> {
  const results: Results = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    const target = into[name] ?? empty(tensor.dtype, tensor.size);
    results[name] = target;
    if (memory !== undefined && resident.has(name)) {
      memory.hold(target, tensorValue(tensor));
      continue;
    }
    (target as Float32Array).set(await tensor.data());
    tensor.dispose();
  }
  return results;
}

function empty(dtype: tf.DataType, size: number): Values {
  if (dtype === 'float32') return new Float32Array(size);
  return dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);
}
