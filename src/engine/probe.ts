/** What this machine can run the engine on, and why not where it cannot; for `cpt doctor`. */
import * as tf from '@tensorflow/tfjs';
import * as ort from 'onnxruntime-node';
import { CptError } from '../errors.ts';
import { compile } from './compile.ts';
import { eager } from './eager.ts';

export interface ProviderProbe {
  /** As in `cpt_provider_info`: ONNX Runtime's provider name, or `tfjs-<backend>`. */
  readonly name: string;
  readonly usable: boolean;
  /** One line: the version that was found, or the reason why it cannot be used. */
  readonly detail: string;
}

/** The tfjs backend that `@tensorflow/tfjs-node-gpu` registers. */
export const NODE_GPU_BACKEND = 'tensorflow';
const NODE_GPU_PACKAGE = '@tensorflow/tfjs-node-gpu';

/** Tries every provider with one small product; nothing is left open. */
export async function probeProviders(): Promise<ProviderProbe[]> {
  const names = ort.listSupportedBackends().map(({ name }) => name);
  const probes: ProviderProbe[] = [];
  for (const name of names) probes.push(await probeOrt(name));
  probes.push(await probeNodeGpu());
  probes.push({ name: 'tfjs-cpu', usable: true, detail: `tfjs ${tf.version_core}, for checks: slow` });
  return probes;
}

/**
 * Loads `@tensorflow/tfjs-node-gpu`, after which `eager` takes the backend `tensorflow`.
 * @returns null, or the reason in one line why it cannot be used
 */
export async function loadNodeGpu(): Promise<string | null> {
  try {
    await import(NODE_GPU_PACKAGE);
    return tf.findBackend(NODE_GPU_BACKEND) === null ? 'loaded, but it registers no backend' : null;
  } catch (error) {
    return oneLine(error);
  }
}

async function probeOrt(name: string): Promise<ProviderProbe> {
  try {
    const program = await compile(product, SPECS, { providers: [name] });
    const { y } = await program.run(FEEDS);
    await program.dispose();
    return verdict(name, Number(y![0]), `onnxruntime ${ort.env.versions.node ?? ''}`.trim());
  } catch (error) {
    return { name, usable: false, detail: oneLine(error) };
  }
}

async function probeNodeGpu(): Promise<ProviderProbe> {
  const name = `tfjs-${NODE_GPU_BACKEND}`;
  const reason = await loadNodeGpu();
  if (reason !== null) return { name, usable: false, detail: `${NODE_GPU_PACKAGE}: ${reason}` };
  try {
    const program = await eager(product, SPECS, { backend: NODE_GPU_BACKEND });
    const { y } = await program.run(FEEDS);
    return verdict(name, Number(y![0]), `${NODE_GPU_PACKAGE} is loaded`);
  } catch (error) {
    return { name, usable: false, detail: oneLine(error) };
  }
}

const SPECS = { a: { shape: [1, 2], dtype: 'float32' }, b: { shape: [2, 1], dtype: 'float32' } } as const;
const FEEDS = { a: Float32Array.of(2, 3), b: Float32Array.of(5, 7) };

function product(feeds: Readonly<Record<string, tf.Tensor>>): Record<string, tf.Tensor> {
  return { y: tf.matMul(feeds.a!, feeds.b!) };
}

function verdict(name: string, result: number, detail: string): ProviderProbe {
  if (result === 31) return { name, usable: true, detail };
  return { name, usable: false, detail: `it computes 2·5 + 3·7 = ${result}` };
}

/** The first line of what went wrong, without the paths of the machine it was built on. */
function oneLine(error: unknown): string {
  const cause = error instanceof CptError ? (error.cause ?? error) : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return text
    .split('\n', 1)[0]!
    .replace(/\/onnxruntime_src\/\S+ /g, '')
    .trim()
    .slice(0, 240);
}
