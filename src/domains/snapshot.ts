/**
 * The state in two parts: `CSEG`, sealed, the fields in order, which change with every passage; and the known
 * domains' signatures, of which the first part has the ids alone. A row of numbers is copied as it lies in memory
 * (little-endian, like every machine that Node runs on); of a passage the counts are kept, from which its features
 * follow.
 */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { Detector } from './detector.ts';
import { HeldDomains } from './held.ts';
import { readHeld, writeHeld } from './held-bytes.ts';
import { readLabeller, readWords, writeLabeller, writeWords } from './labels-bytes.ts';
import { readPassages, writePassages } from './packed.ts';
import { RESERVOIR, RUN } from './reference.ts';
import { sealed, unsealed } from './sealed.ts';
import type { Signature } from './signature.ts';
import { readSignature, writeSignature } from './signature-bytes.ts';
import type { SegmenterState } from './state.ts';

const LETTERS = 'CSEG';

/** All that a segmenter remembers. */
export interface Snapshot {
  /** Everything but the signatures of known domains. */
  readonly open: Uint8Array;
  /** In any order. Never changed: a domain that comes back gets another one. */
  readonly known: readonly Signature[];
}

export function encodeState(state: SegmenterState): Snapshot {
  const open = sealed(LETTERS, (out) => write(out, state));
  return { open, known: [...state.known.values()] };
}

/** Throws CptError: CPT_STATE_VERSION for another version's bytes, CPT_STATE for damaged or missing ones. */
export function decodeState({ open, known }: Snapshot): SegmenterState {
  const signatures = new Map(known.map((signature) => [signature.domain, signature]));
  return unsealed(LETTERS, open, (input) => read(input, signatures));
}

function write(out: ByteWriter, state: SegmenterState): void {
  for (const field of [state.passages, state.first, state.bytes, state.next]) out.f64(field);
  out.nullable(state.firstTime);
  out.nullable(state.clock.now);
  out.f64(state.clock.behind);
  out.f64(state.clock.behindNewest);
  out.text(state.explicit ?? '');
  out.text(state.continues ?? '');
  out.u8(state.before ? 1 : 0);
  if (state.before) writeSignature(out, state.before);
  out.u32(state.known.size);
  for (const domain of state.known.keys()) out.text(domain);
  out.u32(state.names.size);
  for (const name of state.names) out.text(name);
  writeWords(out, [...state.labels.keys()]);
  writeWords(out, [...state.labels.values()]);
  writeLabeller(out, state.labeller);
  out.u32(state.recent.length);
  for (const { bytes, time } of state.recent) {
    out.f64(bytes);
    out.nullable(time);
  }
  out.u8(state.earlier ? 1 : 0);
  if (state.earlier) writeHeld(out, state.earlier);
  out.u32(state.held.size);
  for (const held of state.held) writeHeld(out, held);
  writeDetector(out, state.detector);
}

function read(input: ByteReader, signatures: ReadonlyMap<string, Signature>): SegmenterState {
  const [passages, first, size, next] = [input.f64(), input.f64(), input.f64(), input.f64()];
  const firstTime = input.nullable();
  const clock = { now: input.nullable(), behind: input.f64(), behindNewest: input.f64() };
  const [explicit, continues] = [input.text() || null, input.text() || null];
  const before = input.u8() === 1 ? readSignature(input) : null;
  const known = new Map<string, Signature>();
  for (let left = input.u32(); left > 0; left--) {
    const domain = input.text();
    const signature = signatures.get(domain);
    if (signature === undefined) throw new RangeError(`no signature of ${domain}`);
    known.set(domain, signature);
  }
  if (known.size !== signatures.size) throw new RangeError('more signatures than known domains');
  const names = new Set<string>();
  for (let left = input.u32(); left > 0; left--) names.add(input.text());
  const labelled = readWords(input);
  const words = readWords(input);
  const labels = new Map(labelled.map((domain, k) => [domain, words[k]!]));
  const labeller = readLabeller(input);
  const recent = Array.from({ length: input.u32() }, () => ({ bytes: input.f64(), time: input.nullable() }));
  const earlier = input.u8() === 1 ? readHeld(input) : null;
  const held = new HeldDomains();
  for (let left = input.u32(); left > 0; left--) held.put(readHeld(input));
  const detector = readDetector(input);
  const open = { passages, first, bytes: size, explicit, continues, firstTime, before, earlier };
  return { ...open, clock, held, recent, detector, known, names, labels, labeller, next };
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
  out.row(detector.noise.looks);
  out.row(detector.noise.fourths);
  writePassages(out, detector.tail);
  for (const look of detector.looks) {
    out.u8(look.length);
    for (const z of look) out.f64(z);
  }
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
  input.fill(detector.noise.looks);
  input.fill(detector.noise.fourths);
  detector.tail.push(...readPassages(input, 0xffff));
  detector.looks = Array.from({ length: Math.floor(detector.tail.length / RUN) }, () =>
    Array.from({ length: input.u8() }, () => input.f64()),
  );
  detector.rebuild();
  return detector;
}
