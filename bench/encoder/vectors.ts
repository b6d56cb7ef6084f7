/** Vectors of texts, kept between runs: an encoder takes minutes for a stream. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import type { Encoder } from '../../src/edge/encoder/encoder.ts';

const CHUNK = 64;

/** Two files: `<prefix>.keys`, a hash a line, and `<prefix>.bin`, as many vectors of 32-bit floats. */
export class Vectors {
  readonly #prefix: string | undefined;
  readonly #encoder: Encoder;
  readonly #known = new Map<string, Float32Array>();

  /** @param prefix absent: nothing is kept */
  constructor(encoder: Encoder, prefix: string | undefined) {
    this.#encoder = encoder;
    this.#prefix = prefix;
    if (prefix === undefined || !existsSync(`${prefix}.keys`)) return;
    const bytes = readFileSync(`${prefix}.bin`);
    const { dimensions } = encoder;
    for (const [at, key] of readFileSync(`${prefix}.keys`, 'utf8').trimEnd().split('\n').entries()) {
      const own = bytes.subarray(at * dimensions * 4, (at + 1) * dimensions * 4);
      this.#known.set(key, new Float32Array(Uint8Array.from(own).buffer));
    }
  }

  async of(texts: readonly string[]): Promise<Float32Array[]> {
    const missing = texts.filter((text) => !this.#known.has(keyOf(text)));
    for (let from = 0; from < missing.length; from += CHUNK) {
      const some = missing.slice(from, from + CHUNK);
      const made = await this.#encoder.encode(some);
      for (const [at, text] of some.entries()) this.#keep(keyOf(text), made[at]!);
    }
    return texts.map((text) => this.#known.get(keyOf(text))!);
  }

  #keep(key: string, vector: Float32Array): void {
    this.#known.set(key, vector);
    if (this.#prefix === undefined) return;
    appendFileSync(
      `${this.#prefix}.bin`,
      new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength),
    );
    appendFileSync(`${this.#prefix}.keys`, `${key}\n`);
  }
}

function keyOf(text: string): string {
  return createHash('sha1').update(text).digest('base64');
}
