/** Signatures as JSON, for a checkpoint's `router.json`: with it a text is brought to the domain nearest to it. */
import { SCALE, type Signature } from './signature.ts';

/** `means` are the two halves' bucket means, unsigned 16-bit little-endian integers in base64, over `scale`. */
export interface SignatureJson {
  readonly domain: string;
  readonly counts: readonly [number, number];
  readonly scale: number;
  readonly means: readonly [string, string];
}

export function signatureJson({ domain, counts, means }: Signature): SignatureJson {
  const encoded = (mean: Uint16Array): string => {
    const bytes = Buffer.alloc(mean.length * 2);
    for (const [at, value] of mean.entries()) bytes.writeUInt16LE(value, at * 2);
    return bytes.toString('base64');
  };
  return { domain, counts, scale: SCALE, means: [encoded(means[0]), encoded(means[1])] };
}
