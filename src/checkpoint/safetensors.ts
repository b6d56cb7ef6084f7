/**
 * The safetensors format, written and read.
 *
 * - A file MUST begin with 8 bytes, an unsigned little-endian integer N; N MUST NOT exceed 100,000,000 and the
 *   file MUST have at least 8 + N bytes.
 * - The next N bytes MUST be a JSON object in UTF-8, MUST begin with `{`, and MAY end with spaces.
 * - No key MUST appear twice in one object, however it is escaped; `__proto__` MUST NOT appear at all (ours).
 * - `__metadata__`, where it is there, MUST map strings to strings.
 * - Every other entry MUST have a known `dtype`, a `shape` of whole numbers from 0, whose product with the size
 *   of an element MUST be a safe integer, and `data_offsets` [begin, end], counted from byte 8 + N.
 * - `end - begin` MUST be the product of the shape and the size of an element.
 * - The tensors MUST cover the rest of the file from its first byte to its last, without holes or overlap.
 *
 * What is written here is canonical: equal tensors give equal bytes, whatever order they come in. Tensors lie by
 * element type and then by name, as the reference implementation lays them, names in the order of their bytes;
 * the header is padded to a multiple of 8 bytes, so that every tensor is aligned.
 */
import { CptError } from '../errors.ts';
import { DTYPES, type StoredTensor } from './dtype.ts';
import { parseHeader } from './safetensors-header.ts';

const ORDER = Object.keys(DTYPES);

export interface SafetensorsParts {
  /** Header first, then each tensor's own bytes: nothing is copied. */
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  /** Where each tensor begins in the file. */
  readonly offsets: ReadonlyMap<string, number>;
}

/**
 * Lays a file out without joining it.
 * @throws CptError CPT_SAFETENSORS where a tensor's bytes do not fit its shape or its name cannot be one
 */
export function safetensorsParts(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): SafetensorsParts {
  const entries = Object.entries(tensors).sort(([a, x], [b, y]) => {
    return ORDER.indexOf(x.dtype) - ORDER.indexOf(y.dtype) || Buffer.compare(Buffer.from(a), Buffer.from(b));
  });
  const header: Record<string, unknown> = {};
  const notes = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (notes.length > 0) header.__metadata__ = Object.fromEntries(notes);
  const begins: [string, number][] = [];
  let end = 0;
  for (const [name, { dtype, shape, data }] of entries) {
    checkWritten(name, tensors[name]!);
    begins.push([name, end]);
    header[name] = { dtype, shape, data_offsets: [end, end + data.byteLength] };
    end += data.byteLength;
  }
  const json = new TextEncoder().encode(
    orderedJson(
      header,
      begins.map(([name]) => name),
    ),
  );
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(start).fill(0x20);
  new DataView(head.buffer).setBigUint64(0, BigInt(start - 8), true);
  head.set(json, 8);
  return {
    chunks: [head, ...entries.map(([, { data }]) => data)],
    size: start + end,
    offsets: new Map(begins.map(([name, begin]) => [name, start + begin])),
  };
}

/** Encodes a whole file. `safetensorsParts` does the same without the copy. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { chunks, size } = safetensorsParts(tensors, metadata);
  const file = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    file.set(chunk, at);
    at += chunk.byteLength;
  }
  return file;
}

export interface Safetensors {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file; every tensor's `data` is a view of `bytes`.
 * @throws CptError CPT_SAFETENSORS where `bytes` break the format
 */
export function decodeSafetensors(bytes: Uint8Array): Safetensors {
  const { entries, metadata, start } = parseHeader(bytes);
  const tensors = entries.map(({ name, dtype, shape, begin, end }) => {
    const data = bytes.subarray(start + begin, start + end);
    return [name, { dtype, shape, data }] as const;
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}

/** JSON with the entries in the given order: an object would put names such as "7" first. */
function orderedJson(header: Readonly<Record<string, unknown>>, names: readonly string[]): string {
  const keys = header.__metadata__ === undefined ? names : ['__metadata__', ...names];
  return `{${keys.map((key) => `${JSON.stringify(key)}:${JSON.stringify(header[key])}`).join(',')}}`;
}

function checkWritten(name: string, { dtype, shape, data }: StoredTensor): void {
  if (name === '__metadata__' || name === '__proto__' || /\p{Surrogate}/u.test(name)) {
    throw new CptError('CPT_SAFETENSORS', `A tensor cannot be named ${JSON.stringify(name)}.`);
  }
  const size = shape.reduce((product, axis) => product * axis, DTYPES[dtype]);
  if (size !== data.byteLength) {
    throw new CptError(
      'CPT_SAFETENSORS',
      `The tensor ${JSON.stringify(name)} has ${data.byteLength} bytes, not the ${size} of ${dtype} [${shape}].`,
    );
  }
}
