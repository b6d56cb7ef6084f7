/**
 * The segmenter in a state: what changes with every passage is written with every batch, the signature of a known
 * domain only when it is another one.
 */
import { decodeSignature, encodeSignature, type Signature, type Snapshot } from '../../domains/index.ts';

/** What is needed of an LMDB database. */
export interface BytesByKey {
  get(key: string): Uint8Array | undefined;
  putSync(key: string, value: Buffer): unknown;
  removeSync(key: string): unknown;
  getRange(): Iterable<{ readonly key: string; readonly value: Uint8Array }>;
}

const OPEN = 'segmenter';

export class SegmenterStore {
  readonly #blobs: BytesByKey;
  readonly #signatures: BytesByKey;
  /** What the signatures' database holds. */
  #stored: ReadonlyMap<string, Signature> | null = null;

  constructor(blobs: BytesByKey, signatures: BytesByKey) {
    this.#blobs = blobs;
    this.#signatures = signatures;
  }

  get exists(): boolean {
    return this.#blobs.get(OPEN) !== undefined;
  }

  /** @throws CptError CPT_STATE, CPT_STATE_VERSION */
  read(): Snapshot | null {
    const open = this.#blobs.get(OPEN);
    if (open === undefined) return null;
    return { open: new Uint8Array(open), known: [...this.#load().values()] };
  }

  /** Within a transaction. */
  write({ open, known }: Snapshot): void {
    this.#blobs.putSync(OPEN, Buffer.from(open));
    const stored = this.#stored ?? this.#load();
    const now = new Map(known.map((signature) => [signature.domain, signature]));
    for (const [domain, signature] of now) {
      if (stored.get(domain) !== signature)
        this.#signatures.putSync(domain, Buffer.from(encodeSignature(signature)));
    }
    for (const domain of stored.keys()) if (!now.has(domain)) this.#signatures.removeSync(domain);
    this.#stored = now;
  }

  /** A transaction failed: what is stored is looked up again. */
  undone(): void {
    this.#stored = null;
  }

  #load(): ReadonlyMap<string, Signature> {
    const rows = Array.from(this.#signatures.getRange(), ({ value }) =>
      decodeSignature(new Uint8Array(value)),
    );
    this.#stored = new Map(rows.map((signature) => [signature.domain, signature]));
    return this.#stored;
  }
}
