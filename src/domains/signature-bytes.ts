/** A signature as bytes: `CSIG`, sealed; its rows are copied as they lie in memory. */
import type { ByteReader, ByteWriter } from './bytes.ts';
import { BUCKETS } from './features.ts';
import { sealed, unsealed } from './sealed.ts';
import type { Signature } from './signature.ts';

const LETTERS = 'CSIG';

export function encodeSignature(signature: Signature): Uint8Array {
  return sealed(LETTERS, (out) => writeSignature(out, signature));
}

/** @throws CptError CPT_STATE_VERSION, CPT_STATE */
export function decodeSignature(bytes: Uint8Array): Signature {
  return unsealed(LETTERS, bytes, readSignature);
}

export function writeSignature(out: ByteWriter, signature: Signature): void {
  out.text(signature.domain);
  for (const half of [0, 1] as const) {
    out.f64(signature.counts[half]);
    out.row(signature.means[half]);
  }
  out.f64(signature.own.mean);
  out.f64(signature.own.spread);
}

export function readSignature(input: ByteReader): Signature {
  const domain = input.text();
  const means = [new Uint16Array(BUCKETS), new Uint16Array(BUCKETS)] as const;
  const counts: [number, number] = [0, 0];
  for (const half of [0, 1] as const) {
    counts[half] = input.f64();
    input.fill(means[half]);
  }
  return { domain, counts, means, own: { mean: input.f64(), spread: input.f64() } };
}
