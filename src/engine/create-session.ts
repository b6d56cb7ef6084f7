/** Creates the ONNX Runtime session of a graph: where its constants lie, and with which options it runs. */
import * as ort from 'onnxruntime-node';
import { CptError } from '../errors.ts';
import type { DeviceMemory } from './device-memory.ts';
import type { Graph, Initializer } from './graph.ts';
import { encodeModel } from './onnx.ts';
import type { SessionOptions } from './session.ts';
import { forWebgpu } from './webgpu.ts';

export interface Created {
  readonly session: ort.InferenceSession;
  /** What is fed to each run beside the caller's feeds. */
  readonly constants: Readonly<Record<string, ort.Tensor>>;
  /** Without its large constants, so that what the session has copied can go. */
  readonly graph: Graph;
}

const WEIGHTS = 'weights.bin';

/** @throws CptError CPT_ENGINE where the runtime does not take the graph */
export async function createSession(traced: Graph, options: SessionOptions): Promise<Created> {
  const provider = providerOf(options);
  const graph = provider === 'webgpu' ? forWebgpu(traced) : traced;
  const { held, fed } = placed(graph, options.lean === true && provider === 'cpu');
  // Each weight is its own "file": nothing is copied into one large buffer.
  const files = held
    .filter((entry) => entry.external)
    .map(({ name, data }, index) => ({ path: `${WEIGHTS}.${index}`, data, name }));
  const model = encodeModel(
    { ...graph, inputs: [...graph.inputs, ...fed], initializers: held },
    new Map(files.map((file) => [file.name, { location: file.path, offset: 0 }])),
  );
  const { outputs: resident } = residentOf(options);
  const session = await guard('open', () =>
    ort.InferenceSession.create(model, {
      externalData: files.map(({ path, data }) => ({ path, data })),
      executionProviders: [...(options.providers ?? ['cpu'])],
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
      interOpNumThreads: 1,
      ...(resident.size === 0 ? {} : { preferredOutputLocation: locations(graph, resident) }),
      enableMemPattern: options.lean !== true,
      ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
      extra: {
        session: {
          intra_op: {
            allow_spinning: options.spin === 0 ? '0' : '1',
            spin_duration_us: String(options.spin ?? 100),
          },
        },
      },
    }),
  );
  return {
    session,
    constants: Object.fromEntries(fed.map((entry) => [entry.name, tensorOf(entry)])),
    graph: { ...graph, initializers: graph.initializers.filter((entry) => !entry.external) },
  };
}

export function providerOf({ providers }: SessionOptions): string {
  return providers?.[0] ?? 'cpu';
}

/** The outputs that do stay on the device: one provider can keep them. */
export function residentOf(options: SessionOptions): {
  readonly memory: DeviceMemory | undefined;
  readonly outputs: ReadonlySet<string>;
} {
  if (providerOf(options) !== 'webgpu' || options.resident === undefined) {
    return { memory: undefined, outputs: new Set() };
  }
  return { memory: options.resident.memory, outputs: new Set(options.resident.outputs) };
}

/** Which constants the session holds, and which large ones are fed to each run: the runtime does not copy a feed. */
function placed({ initializers }: Graph, lean: boolean): { held: Initializer[]; fed: Initializer[] } {
  const feeds = (entry: Initializer) => lean && entry.external && entry.type === 'float32';
  return { held: initializers.filter((entry) => !feeds(entry)), fed: initializers.filter(feeds) };
}

function tensorOf({ shape, data }: Initializer): ort.Tensor {
  const values = new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
  return new ort.Tensor('float32', values, [...shape]);
}

function locations(graph: Graph, resident: ReadonlySet<string>): Record<string, 'cpu' | 'gpu-buffer'> {
  return Object.fromEntries(
    graph.outputs.map(({ name }) => [name, resident.has(name) ? 'gpu-buffer' : 'cpu']),
  );
}

/** @throws CptError CPT_ENGINE for whatever the runtime throws */
export async function guard<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CptError('CPT_ENGINE', `ONNX Runtime could not ${what} the graph: ${message}`, {
      cause: error,
    });
  }
}
