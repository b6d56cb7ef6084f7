/**
 * Bytes that say what they are: four letters, a version byte, a 32-bit checksum of what follows. All that a
 * segmenter stores has one version.
 */
import { CptError } from '../errors.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

const VERSION = 6;
const LETTERS = 4;
const HEADER = LETTERS + 5;
const HINT = 'Start with an empty state folder, or go back to the version that wrote it.';

/** @param letters four of ASCII */
export function sealed(letters: string, write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter();
  for (let at = 0; at < LETTERS; at++) out.u8(letters.charCodeAt(at));
  out.u8(VERSION);
  out.u32(0);
  write(out);
  const bytes = out.finish();
  new DataView(bytes.buffer).setUint32(LETTERS + 1, checksum(bytes.subarray(HEADER)), true);
  return bytes;
}

/**
 * What `read` makes of the sealed bytes, all of which it must read.
 * @throws CptError CPT_STATE_VERSION for another version's bytes, CPT_STATE for damaged ones
 */
export function unsealed<T>(letters: string, bytes: Uint8Array, read: (input: ByteReader) => T): T {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER || String.fromCharCode(...bytes.subarray(0, LETTERS)) !== letters) {
    throw new CptError('CPT_STATE', 'The segmenter state is not one.', { hint: HINT });
  }
  if (bytes[LETTERS] !== VERSION) {
    const message = `The segmenter state has version ${bytes[LETTERS]}, this program reads ${VERSION}.`;
    throw new CptError('CPT_STATE_VERSION', message, { hint: HINT });
  }
  if (view.getUint32(LETTERS + 1, true) !== checksum(bytes.subarray(HEADER))) {
    throw new CptError('CPT_STATE', 'The segmenter state is damaged: its checksum is off.', { hint: HINT });
  }
  try {
    const input = new ByteReader(bytes.subarray(HEADER));
    const value = read(input);
    if (input.left !== 0) throw new RangeError('bytes behind the end');
    return value;
  } catch (cause) {
    throw new CptError('CPT_STATE', 'The segmenter state is damaged.', { hint: HINT, cause });
  }
}

/** FNV-1a over bytes. */
function checksum(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash >>> 0;
}
