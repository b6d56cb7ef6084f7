/** The hashes of published files: SHA-256 of their bytes, and git's object ids, which hub clients are shown. */
import { createHash } from 'node:crypto';

/** Bytes in one piece or in several that belong behind one another. */
export type Bytes = Uint8Array | readonly Uint8Array[];

/** 64 lowercase hex digits. */
export function sha256(bytes: Bytes): string {
  return digest('sha256', [], bytes);
}

/** The id that git gives a file: SHA-1 of `blob <size>\0` and the bytes; 40 lowercase hex digits. */
export function gitBlobSha1(bytes: Bytes): string {
  return digest('sha1', [new TextEncoder().encode(`blob ${byteLength(bytes)}\0`)], bytes);
}

/** The text that git stores for a file kept by Git LFS (specification v1). */
export function lfsPointer(sha256Hex: string, size: number): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256Hex}\nsize ${size}\n`;
}

export function byteLength(bytes: Bytes): number {
  return pieces(bytes).reduce((sum, piece) => sum + piece.byteLength, 0);
}

/** The pieces themselves, not copied. */
export function pieces(bytes: Bytes): readonly Uint8Array[] {
  return bytes instanceof Uint8Array ? [bytes] : bytes;
}

function digest(algorithm: string, head: readonly Uint8Array[], bytes: Bytes): string {
  const hash = createHash(algorithm);
  for (const piece of [...head, ...pieces(bytes)]) hash.update(piece);
  return hash.digest('hex');
}
