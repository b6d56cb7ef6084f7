/** Reads and checks the header of a safetensors file; the rules stand in `safetensors.ts`. */
import { CptError } from '../errors.ts';
import { DTYPES, type Dtype, isDtype } from './dtype.ts';
import { isRecord, JsonFault, parseStrictJson } from './strict-json.ts';

const MAX_HEADER = 100_000_000;

export interface HeaderEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the first one after the header. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  /** In the order in which their bytes lie. */
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Where the tensors' bytes begin in the file. */
  readonly start: number;
}

/**
 * @param bytes the file, or no more of it than up to `headerEnd`
 * @param size of the whole file
 * @throws CptError CPT_SAFETENSORS
 */
export function parseHeader(bytes: Uint8Array, size = bytes.byteLength): Header {
  const start = headerEnd(bytes, size);
  const json = parseJson(bytes.subarray(8, start));
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(json)) {
    if (name !== '__metadata__') entries.push(parseEntry(name, value));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(entries, size - start);
  return { entries, metadata: parseMetadata(json.__metadata__), start };
}

/**
 * Where the header ends and the tensors' bytes begin.
 * @param bytes the first 8 of the file at least
 * @throws CptError CPT_SAFETENSORS
 */
export function headerEnd(bytes: Uint8Array, size = bytes.byteLength): number {
  if (bytes.byteLength < 8) throw fault(`The file has ${bytes.byteLength} bytes, fewer than 8`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER)) throw fault(`The header claims ${length} bytes, over 100 MB`);
  if (8 + Number(length) > size) throw fault(`The header claims ${length} bytes, the file has ${size}`);
  return 8 + Number(length);
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes[0] !== 0x7b) throw fault('The header does not begin with "{"');
  try {
    const json = parseStrictJson(bytes);
    if (isRecord(json)) return json;
  } catch (error) {
    if (error instanceof JsonFault) throw fault(`The header is wrong: ${error.message}`, error);
    throw error;
  }
  throw fault('The header is not an object');
}

function parseMetadata(value: unknown): Readonly<Record<string, string>> {
  if (value === undefined) return {};
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw fault('__metadata__ does not map strings to strings');
  }
  return value as Readonly<Record<string, string>>;
}

function parseEntry(name: string, value: unknown): HeaderEntry {
  const label = JSON.stringify(name.slice(0, 200));
  if (!isRecord(value)) throw fault(`The entry ${label} is not an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (!isDtype(dtype)) throw fault(`The tensor ${label} has dtype ${short(dtype)}`);
  if (!isCounts(shape)) throw fault(`The tensor ${label} has shape ${short(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) throw fault(`The tensor ${label} has no data_offsets`);
  const [begin, end] = offsets as [number, number];
  if (begin > end) throw fault(`The tensor ${label} ends before it begins`);
  const size = byteSize(dtype, shape);
  if (size === undefined) throw fault(`The tensor ${label} has more bytes than can be counted`);
  if (size !== end - begin) {
    throw fault(`The tensor ${label} has ${end - begin} bytes, not the ${size} of ${dtype} [${shape}]`);
  }
  return { name, dtype, shape, begin, end };
}

function byteSize(dtype: Dtype, shape: readonly number[]): number | undefined {
  let size: number = DTYPES[dtype];
  for (const axis of shape) {
    size *= axis;
    if (!Number.isSafeInteger(size)) return undefined;
  }
  return size;
}

function checkCover(entries: readonly HeaderEntry[], available: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    const label = JSON.stringify(name.slice(0, 200));
    if (end > available) throw fault(`The tensor ${label} ends at byte ${end} of ${available}`);
    if (begin < covered) throw fault(`The tensor ${label} overlaps another`);
    if (begin > covered)
      throw fault(`There is a hole of ${begin - covered} bytes before the tensor ${label}`);
    covered = end;
  }
  if (covered !== available) throw fault(`The last ${available - covered} bytes belong to no tensor`);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function short(value: unknown): string {
  return (JSON.stringify(value) ?? 'none').slice(0, 80);
}

function fault(message: string, cause?: unknown): CptError {
  return new CptError('CPT_SAFETENSORS', `${message}.`, {
    hint: 'The file is damaged or not a safetensors file; fetch it again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
