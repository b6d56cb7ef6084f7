/**
 * The state as bytes: `CSEG`, a version byte, a 32-bit checksum of what follows, the fields in order. A row of
 * numbers is copied as it lies in memory (little-endian, like every machine that Node runs on); of a passage
 * the counts are kept, from which its features follow.
 */
import { CptError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { Detector } from './detector.ts';
import { BUCKETS } from './features.ts';
import { readPassages, writePassages } from './packed.ts';
import { RESERVOIR } from './reference.ts';
import type { Signature } from './signature.ts';
import type { SegmenterState } from './state.ts';

const MAGIC = 'CSEG';
const VERSION = 2;
const HEADER = MAGIC.length + 5;
const HINT = 'Start with an empty state folder, or go back to the version that wrote it.';

export function encodeState(state: SegmenterState): Uint8Array {
  const out = new ByteWriter();
  for (const letter of MAGIC) out.u8(letter.charCodeAt(0));
  out.u8(VERSION);
  out.u32(0);
  for (const field of [state.passages, state.first, state.bytes, state.next]) out.f64(field);
  out.nullable(state.firstTime);
  out.nullable(state.lastTime);
  out.text(state.explicit ?? '');
  out.text(state.continues ?? '');
  out.u8(state.before ? 1 : 0);
  if (state.before) writeSignature(out, state.before);
  out.u32(state.known.size);
  for (const signature of state.known.values()) writeSignature(out, signature);
  out.u32(state.names.size);
  for (const name of state.names) out.text(name);
  out.u32(state.recent.length);
  for (const { bytes, time } of state.recent) {
    out.f64(bytes);
    out.nullable(time);
  }
  writeDetector(out, state.detector);
  const bytes = out.finish();
  new DataView(bytes.buffer).setUint32(MAGIC.length + 1, checksum(bytes.subarray(HEADER)), true);
  return bytes;
}

/** Throws CptError: CPT_STATE_VERSION for another version's bytes, CPT_STATE for damaged ones. */
export function decodeState(bytes: Uint8Array): SegmenterState {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || String.fromCharCode(...bytes.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new CptError('CPT_STATE', 'The segmenter state is not one.', { hint: HINT });
  }
  if (bytes[MAGIC.length] !== VERSION) {
    const message = `The segmenter state has version ${bytes[MAGIC.length]}, this program reads ${VERSION}.`;
    throw new CptError('CPT_STATE_VERSION', message, { hint: HINT });
  }
  if (view.getUint32(MAGIC.length + 1, true) !== checksum(bytes.subarray(HEADER))) {
    throw new CptError('CPT_STATE', 'The segmenter state is damaged: its checksum is off.', { hint: HINT });
  }
  try {
    return read(new ByteReader(bytes.subarray(HEADER)));
  } catch (cause) {
    throw new CptError('CPT_STATE', 'The segmenter state is damaged.', { hint: HINT, cause });
  }
}

function read(input: ByteReader): SegmenterState {
  const [passages, first, size, next] = [input.f64(), input.f64(), input.f64(), input.f64()];
  const [firstTime, lastTime] = [input.nullable(), input.nullable()];
  const [explicit, continues] = [input.text() || null, input.text() || null];
  const before = input.u8() === 1 ? readSignature(input) : null;
  const known = new Map<string, Signature>();
  for (let left = input.u32(); left > 0; left--) {
    const signature = readSignature(input);
    known.set(signature.domain, signature);
  }
  const names = new Set<string>();
  for (let left = input.u32(); left > 0; left--) names.add(input.text());
  const recent = Array.from({ length: input.u32() }, () => ({ bytes: input.f64(), time: input.nullable() }));
  const detector = readDetector(input);
  if (input.left !== 0) throw new RangeError('bytes behind the end');
  const open = { passages, first, bytes: size, explicit, continues, firstTime, lastTime, before };
  return { ...open, recent, detector, known, names, next };
}

function writeDetector(out: ByteWriter, detector: Detector): void {
  const { reference } = detector;
  for (const field of [reference.salt, reference.count, reference.weightedAt]) out.f64(field);
  out.row(reference.weights);
  out.row(reference.frequency);
  for (const half of reference.halves) {
    out.f64(half.count);
    out.row(half.sum);
    writePassages(out, half.reservoir);
  }
  out.f64(detector.suspect);
  out.f64(detector.statistic);
  writePassages(out, detector.tail);
}

function readDetector(input: ByteReader): Detector {
  const detector = new Detector(input.f64());
  const { reference } = detector;
  reference.count = input.f64();
  reference.weightedAt = input.f64();
  input.fill(reference.weights);
  input.fill(reference.frequency);
  for (const half of reference.halves) {
    half.count = input.f64();
    input.fill(half.sum);
    half.reservoir.push(...readPassages(input, RESERVOIR));
  }
  detector.suspect = input.f64();
  detector.statistic = input.f64();
  detector.tail.push(...readPassages(input, 0xffff));
  detector.rebuild();
  return detector;
}

function writeSignature(out: ByteWriter, signature: Signature): void {
  out.text(signature.domain);
  for (const half of [0, 1] as const) {
    out.f64(signature.counts[half]);
    out.row(signature.means[half]);
  }
  out.f64(signature.own.mean);
  out.f64(signature.own.spread);
}

function readSignature(input: ByteReader): Signature {
  const domain = input.text();
  const means = [new Uint16Array(BUCKETS), new Uint16Array(BUCKETS)] as const;
  const counts: [number, number] = [0, 0];
  for (const half of [0, 1] as const) {
    counts[half] = input.f64();
    input.fill(means[half]);
  }
  return { domain, counts, means, own: { mean: input.f64(), spread: input.f64() } };
}

/** FNV-1a over bytes. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
