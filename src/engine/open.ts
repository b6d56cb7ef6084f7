/** One function, whatever executes it: compiled for ONNX Runtime's providers, kernel by kernel under tfjs. */
import * as tf from '@tensorflow/tfjs';
import { CptError } from '../errors.ts';
import { type CompileOptions, compile, type FeedSpec, type TensorFunction } from './compile.ts';
import type { Device } from './device.ts';
import { eager } from './eager.ts';
import type { Program } from './session.ts';

export interface OpenOptions extends CompileOptions {
  /** Default `cpu`. */
  readonly device?: Device;
  /** Which tfjs backend stands for the device `tfjs`; default that of `@tensorflow/tfjs-node-gpu`. */
  readonly backend?: string;
}

/** The tfjs backend that `@tensorflow/tfjs-node-gpu` registers. */
export const NODE_GPU_BACKEND = 'tensorflow';
const NODE_GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';

/** @throws CptError CPT_ENGINE where the device is not there, or cannot take the function or the precision */
export async function open(
  fn: TensorFunction,
  specs: Readonly<Record<string, FeedSpec>>,
  options: OpenOptions = {},
): Promise<Program> {
  const { device = 'cpu', backend = NODE_GPU_BACKEND } = options;
  if (device === 'cpu') return compile(fn, specs, options);
  if (options.precision === 'int8') {
    // elsewhere they would come back to it one by one
    throw new CptError('CPT_ENGINE', 'Products on 8-bit integers run on the processor alone.');
  }
  if (device === 'cuda') return compile(fn, specs, { ...options, providers: [device] });
  // The fused operators of ONNX Runtime are not all known to webgpu.
  if (device === 'webgpu') return compile(fn, specs, { ...options, providers: [device], portable: true });
  if (backend === NODE_GPU_BACKEND) await loadNodeGpu();
  return eager(fn, specs, { ...options, backend });
}

async function loadNodeGpu(): Promise<void> {
  try {
    await import(NODE_GPU_PACKAGE);
  } catch (cause) {
    throw new CptError('CPT_ENGINE', `${NODE_GPU_PACKAGE} does not load.`, { cause });
  }
  if (tf.findBackend(NODE_GPU_BACKEND) !== null) return;
  throw new CptError('CPT_ENGINE', `${NODE_GPU_PACKAGE} registers no backend ${NODE_GPU_BACKEND}.`);
}
