/**
 * The tracing backend: a tfjs backend whose kernels compute nothing and write ONNX nodes instead. Whatever is
 * written in tfjs ops, its gradients included, becomes a graph by running it once.
 */
import * as tf from '@tensorflow/tfjs';
import { CptError } from '../errors.ts';
import type { Weight } from './compile.ts';
import { type Attribute, type ElementType, GraphBuilder } from './graph.ts';
import { Symbols } from './symbols.ts';

export const TRACE_BACKEND = 'cpt-trace';

/** What a tensor is while tracing: the name of an ONNX value. */
interface Traced {
  readonly name: string;
}

export class TraceBackend extends tf.KernelBackend {
  #values = new WeakMap<object, Traced>();
  #builder: GraphBuilder | undefined;
  #symbols = new Symbols({});
  #weights = new Map<string, Weight>();
  portable = false;
  /** Largest integer of frozen matrices in products, or null where these stay in single precision. */
  integerMost: number | null = null;

  /** Starts a new graph. `portable` keeps to standard ONNX operators. */
  begin(symbols: Symbols, portable: boolean, integerMost: number | null = null): GraphBuilder {
    this.#values = new WeakMap();
    this.#builder = new GraphBuilder();
    this.#symbols = symbols;
    this.#weights = new Map();
    this.portable = portable;
    this.integerMost = integerMost;
    return this.#builder;
  }

  /** A tensor that stands for a weight that never changes. */
  freeze(name: string, { shape, data }: Weight): tf.TensorInfo {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.graph.initializer({ name, type: 'float32', shape, data: bytes, external: true });
    this.#weights.set(name, { shape, data });
    return this.bind(name, shape, 'float32');
  }

  /** The values of a tensor that `freeze` made. */
  frozen(info: tf.TensorInfo): Weight | undefined {
    return this.#weights.get(this.name(info));
  }

  end(): void {
    this.#builder = undefined;
    this.#weights = new Map();
  }

  get graph(): GraphBuilder {
    if (this.#builder === undefined) {
      throw new CptError('CPT_ENGINE', 'A traced tensor is used outside of compile().');
    }
    return this.#builder;
  }

  name(info: tf.TensorInfo): string {
    const traced = this.#values.get(info.dataId);
    if (traced === undefined)
      throw new CptError('CPT_ENGINE', 'A tensor of another trace or backend is used.');
    return traced.name;
  }

  /** A tensor that stands for the ONNX value `name`. */
  bind(name: string, shape: readonly number[], dtype: tf.DataType): tf.TensorInfo {
    const dataId = {};
    this.#values.set(dataId, { name });
    return { dataId, shape: [...shape], dtype };
  }

  /** Writes one node with one output. */
  emit(
    op: string,
    inputs: readonly (tf.TensorInfo | string)[],
    shape: readonly number[],
    dtype: tf.DataType,
    attributes: Readonly<Record<string, Attribute>> = {},
    domain = '',
  ): tf.TensorInfo {
    const names = inputs.map((input) => (typeof input === 'string' ? input : this.name(input)));
    const [name] = this.graph.node(op, names, attributes, 1, domain);
    return this.bind(name!, shape, dtype);
  }

  /** An int64 vector holding `shape`, computed from the inputs where an axis is dynamic. */
  shape(shape: readonly number[]): string {
    return this.#symbols.shape(this.graph, shape);
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    const { type, data } = encodeConstant(values, shape, dtype);
    this.#values.set(dataId, { name: this.graph.constant(type, shape, data) });
    return dataId;
  }

  override move(): void {
    throw new CptError(
      'CPT_ENGINE',
      'A tensor of another backend cannot enter a trace; pass it as a feed or weight.',
    );
  }

  override readSync(): tf.backend_util.BackendValues {
    throw new CptError('CPT_ENGINE', 'A value is read while tracing: control flow may not depend on data.');
  }

  override read(): Promise<tf.backend_util.BackendValues> {
    return Promise.reject(new CptError('CPT_ENGINE', 'A value is read while tracing.'));
  }

  override disposeData(): boolean {
    return true;
  }
  override incRef(): void {}
  override refCount(): number {
    return 1;
  }
  override numDataIds(): number {
    return 0;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override epsilon(): number {
    return 1e-7;
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override dispose(): void {}
}

/** ONNX element type of a tfjs dtype. */
export function elementType(dtype: tf.DataType): ElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new CptError('CPT_ENGINE', `Tensors of type ${dtype} cannot be compiled.`);
}

function encodeConstant(
  values: tf.backend_util.BackendValues,
  shape: readonly number[],
  dtype: tf.DataType,
): { type: ElementType; data: Uint8Array } {
  const type = elementType(dtype);
  const size = shape.reduce((product, axis) => product * axis, 1);
  const numbers = ArrayBuffer.isView(values) ? values : Float32Array.from(values as unknown as number[]);
  if (numbers.length !== size) {
    throw new CptError('CPT_ENGINE', `A constant of shape [${shape}] has ${numbers.length} values.`);
  }
  const typed =
    type === 'float32'
      ? Float32Array.from(numbers)
      : type === 'int32'
        ? Int32Array.from(numbers)
        : Uint8Array.from(numbers);
  return { type, data: new Uint8Array(typed.buffer) };
}

let backend: TraceBackend | undefined;

/** The one tracing backend, registered with tfjs at first use. */
export function traceBackend(): TraceBackend {
  if (backend === undefined) {
    tf.enableProdMode();
    const created = new TraceBackend();
    tf.registerBackend(TRACE_BACKEND, () => created, 0);
    backend = created;
  }
  return backend;
}

/** The name of tfjs's current backend; the best that is there where none was chosen yet. */
export function currentBackend(): string {
  if (!tf.getBackend()) tf.backend();
  return tf.getBackend();
}

/** Whether tfjs's current backend is the tracing one. */
export function isTracing(): boolean {
  return tf.getBackend() === TRACE_BACKEND;
}
