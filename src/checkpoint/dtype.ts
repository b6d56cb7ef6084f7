/** Element types of stored tensors, and their conversion from and to 32-bit floats. Little-endian, as is every machine that runs this. */
import { CptError } from '../errors.ts';

/** Bytes of one element; in the order in which the reference implementation lays tensors out. */
export const DTYPES = {
  U64: 8,
  I64: 8,
  F64: 8,
  C64: 8,
  F32: 4,
  U32: 4,
  I32: 4,
  BF16: 2,
  F16: 2,
  U16: 2,
  I16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;

export type Dtype = keyof typeof DTYPES;

export function isDtype(value: unknown): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(DTYPES, value);
}

export interface StoredTensor {
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Row-major, little-endian. */
  readonly data: Uint8Array;
}

type NumberArray =
  | Float32ArrayConstructor
  | Float64ArrayConstructor
  | Uint16ArrayConstructor
  | BigInt64ArrayConstructor;

/** The bytes as typed values: a view where they are aligned, a copy elsewhere. */
function values<C extends NumberArray>(type: C, { data }: StoredTensor): InstanceType<C> {
  const aligned = data.byteOffset % type.BYTES_PER_ELEMENT === 0 ? data : Uint8Array.from(data); // a Buffer's slice is no copy
  const length = data.byteLength / type.BYTES_PER_ELEMENT;
  return new type(aligned.buffer as ArrayBuffer, aligned.byteOffset, length) as InstanceType<C>;
}

/**
 * The tensor's values. F32 is not copied where its bytes are aligned: the result shares their memory.
 * @throws CptError CPT_SAFETENSORS for a type that is not floating
 */
export function toFloat32(tensor: StoredTensor): Float32Array {
  switch (tensor.dtype) {
    case 'F32':
      return values(Float32Array, tensor);
    case 'F64':
      return Float32Array.from(values(Float64Array, tensor));
    case 'BF16':
      return fromBfloat16(values(Uint16Array, tensor));
    case 'F16':
      return fromFloat16(values(Uint16Array, tensor));
    default:
      throw new CptError('CPT_SAFETENSORS', `A tensor of type ${tensor.dtype} does not hold floats.`);
  }
}

/** A stored F32 tensor that shares the memory of `data`. */
export function fromFloat32(data: Float32Array, shape: readonly number[]): StoredTensor {
  return { dtype: 'F32', shape, data: bytesOf(data) };
}

/** A stored I64 tensor of one axis. */
export function fromIndices(indices: readonly number[]): StoredTensor {
  const data = BigInt64Array.from(indices, (index) => BigInt(index));
  return { dtype: 'I64', shape: [indices.length], data: bytesOf(data) };
}

/** @throws CptError CPT_SAFETENSORS where the tensor is not of type I64 */
export function toIndices(tensor: StoredTensor): number[] {
  if (tensor.dtype !== 'I64') {
    throw new CptError('CPT_SAFETENSORS', `A tensor of indices has type ${tensor.dtype}, not I64.`);
  }
  return Array.from(values(BigInt64Array, tensor), Number);
}

export function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let at = 0; at < bits.length; at++) bits[at] = halves[at]! << 16;
  return new Float32Array(bits.buffer);
}

function fromFloat16(halves: Uint16Array): Float32Array {
  halfTable ??= Float32Array.from({ length: 0x10000 }, (_, half) => halfValue(half));
  const result = new Float32Array(halves.length);
  for (let at = 0; at < result.length; at++) result[at] = halfTable[halves[at]!]!;
  return result;
}

let halfTable: Float32Array | undefined;

/** IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. */
function halfValue(half: number): number {
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  const sign = half & 0x8000 ? -1 : 1;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** Rounds to the nearest binary16, ties to even; beyond its range to infinity. */
export function toFloat16Bits(value: number): number {
  FLOAT[0] = value;
  const bits = BITS[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00; // 65536 and above
  if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(FLOAT[0]!) * 2 ** 24); // subnormal
  const fraction = magnitude - 0x38000000; // the exponent's bias falls from 127 to 15
  return sign | ((fraction + 0xfff + ((fraction >>> 13) & 1)) >>> 13);
}

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** A stored F16 tensor: half the size, for weights in a repository. */
export function toFloat16(data: Float32Array, shape: readonly number[]): StoredTensor {
  return { dtype: 'F16', shape, data: bytesOf(Uint16Array.from(data, toFloat16Bits)) };
}
