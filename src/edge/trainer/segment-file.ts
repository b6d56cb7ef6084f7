/** A segment on disk: its head in memory, its tensors read where and when they are wanted. */
import fs from 'node:fs';
import { DTYPES, type Header, headerEnd, parseHeader, type StoredTensor } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import type { NeuronRows } from '../../plugin/neurons.ts';
import type { VersionDetail } from '../../train/archive.ts';
import { decodeDetail, decodeHead, type Segment, type SegmentHead } from '../../train/segment.ts';

type Entries = ReadonlyMap<
  string,
  { readonly tensor: Omit<StoredTensor, 'data'>; readonly begin: number; readonly end: number }
>;

export class SegmentFile {
  readonly head: SegmentHead;
  readonly bytes: number;
  readonly #path: string;
  readonly #entries: Entries;

  private constructor(path: string, head: SegmentHead, bytes: number, entries: Entries) {
    this.#path = path;
    this.head = head;
    this.bytes = bytes;
    this.#entries = entries;
  }

  /** @throws CptError CPT_SAFETENSORS, CPT_STATE, CPT_STATE_VERSION; what `fs` throws where it cannot be read */
  static open(path: string): SegmentFile {
    const file = fs.openSync(path, 'r');
    try {
      const { size, start, entries, metadata } = headOf(file);
      const known: Entries = new Map(
        entries.map(({ name, dtype, shape, begin, end }) => [
          name,
          { tensor: { dtype, shape }, begin: start + begin, end: start + end },
        ]),
      );
      const tensor = (name: string) => wholeTensor(file, known, name);
      return new SegmentFile(path, decodeHead(metadata, tensor, path), size, known);
    } finally {
      fs.closeSync(file);
    }
  }

  detail(): VersionDetail {
    return this.#reading((file) =>
      decodeDetail(this.head.plugin, (name) => wholeTensor(file, this.#entries, name)),
    );
  }

  outputBias(plugin: string): Float32Array {
    return this.#reading((file) => floats(wholeTensor(file, this.#entries, `${plugin}/output-bias`).data));
  }

  /** All of it, as it was written. */
  whole(): Segment {
    const { plugin, widths, version, neurons, note } = this.head;
    const written = Object.fromEntries(
      Object.entries(neurons).map(([name, index]) => [
        name,
        { rows: this.rows(name, index), outputBias: this.outputBias(name) },
      ]),
    );
    return { plugin, widths, version, detail: this.detail(), written, note };
  }

  /** @param index neurons that are in it, ascending */
  rows(plugin: string, index: Uint32Array): NeuronRows {
    const { hidden } = this.head.plugin;
    const places = placesOf(index, this.head.neurons[plugin]!);
    return this.#reading((file) => {
      const gather = (part: string, size: number) => {
        const { begin } = entryOf(this.#entries, `${plugin}/${part}`);
        const rows = Buffer.alloc(places.length * size * DTYPES.F32);
        for (const { at, from, count } of runsOf(places)) {
          const bytes = count * size * DTYPES.F32;
          fill(
            file,
            rows.subarray(at * size * DTYPES.F32).subarray(0, bytes),
            begin + from * size * DTYPES.F32,
          );
        }
        return floats(rows);
      };
      return { index, fc1: gather('fc1', hidden), bias: gather('bias', 1), fc2: gather('fc2', hidden) };
    });
  }

  #reading<T>(use: (file: number) => T): T {
    const file = fs.openSync(this.#path, 'r');
    try {
      return use(file);
    } finally {
      fs.closeSync(file);
    }
  }
}

/** The header of an open safetensors file. @throws CptError CPT_SAFETENSORS, CPT_STATE */
export function headOf(file: number): Header & { readonly size: number } {
  const { size } = fs.fstatSync(file);
  const start = headerEnd(read(file, 0, Math.min(8, size)), size);
  return { ...parseHeader(read(file, 0, start), size), size };
}

function entryOf(entries: Entries, name: string) {
  const entry = entries.get(name);
  if (entry === undefined) throw new CptError('CPT_SAFETENSORS', `The tensor ${name} is missing.`);
  return entry;
}

function wholeTensor(file: number, entries: Entries, name: string): StoredTensor {
  const { tensor, begin, end } = entryOf(entries, name);
  return { ...tensor, data: read(file, begin, end - begin) };
}

function read(file: number, from: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  fill(file, bytes, from);
  return bytes;
}

function fill(file: number, bytes: Uint8Array, from: number): void {
  for (let done = 0; done < bytes.length; ) {
    const count = fs.readSync(file, bytes, done, bytes.length - done, from + done);
    if (count === 0) throw new CptError('CPT_STATE', 'A file of the lineage is shorter than it was.');
    done += count;
  }
}

/** A copy: the bytes need not be aligned. */
function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Where each of `wanted` stands in `all`; both ascending. */
function placesOf(wanted: Uint32Array, all: Uint32Array): number[] {
  let at = 0;
  return Array.from(wanted, (neuron) => {
    while (at < all.length && all[at]! < neuron) at++;
    return at;
  });
}

/** Runs of neighbouring places: `count` of them from `from`, which go to row `at`. */
function runsOf(places: readonly number[]): { at: number; from: number; count: number }[] {
  const runs: { at: number; from: number; count: number }[] = [];
  for (const [at, place] of places.entries()) {
    const last = runs.at(-1);
    if (last !== undefined && last.from + last.count === place) last.count += 1;
    else runs.push({ at, from: place, count: 1 });
  }
  return runs;
}
