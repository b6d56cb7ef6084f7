/**
 * Seeded randomness. Every random choice of a run comes from one seed, handed down as forks, so that equal
 * seeds give equal bytes and a new consumer of random numbers in one room does not move those of another.
 */
import { createHash } from 'node:crypto';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

export interface Rng {
  /** Uniform in [0, 2^32). */
  next(): number;
  /** Uniform in [0, 1), 53 bits. */
  uniform(): number;
  /** Standard normal (Box-Muller, both halves used). */
  normal(): number;
  /** Uniform integer in [0, n), without modulo bias; `n` from 1 to 2^53. */
  int(n: number): number;
  /** Shuffles in place (Fisher-Yates) and returns the same array. */
  shuffle<A extends { length: number; [index: number]: unknown }>(array: A): A;
  /**
   * An independent generator named by `label`. It depends on the seed and the labels alone, not on how much
   * was drawn here before, so forks may be made in any order.
   */
  fork(label: string | number): Rng;
}

/** A generator (xoroshiro128+) whose state is the SHA-256 of the seed; `1` and `'1'` are the same seed. */
export function makeRng(seed: string | number): Rng {
  return fromKey(digest(`cpt-stream:${seed}`));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function fromKey(key: Buffer): Rng {
  const words = [0, 4, 8, 12].map((at) => key.readInt32LE(at));
  // All zeros is the one state that xoroshiro128+ never leaves.
  const generator = xoroshiro128plusFromState(words.every((w) => w === 0) ? [1, 0, 0, 0] : words);
  let spare: number | undefined;

  const next = (): number => generator.next() >>> 0;
  const uniform = (): number => ((next() >>> 5) * 0x4000000 + (next() >>> 6)) / 0x20000000000000;
  const int = (n: number): number => {
    if (!Number.isSafeInteger(n) || n < 1) throw new RangeError(`int(n) wants n ≥ 1, got ${n}`);
    return uniformInt(generator, 0, n - 1);
  };

  return {
    next,
    uniform,
    int,
    normal() {
      if (spare !== undefined) {
        const value = spare;
        spare = undefined;
        return value;
      }
      const radius = Math.sqrt(-2 * Math.log(1 - uniform())); // 1 - u lies in (0, 1]: the logarithm is finite
      const angle = 2 * Math.PI * uniform();
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    shuffle(array) {
      for (let i = array.length - 1; i > 0; i--) {
        const j = int(i + 1);
        const held = array[i];
        array[i] = array[j];
        array[j] = held;
      }
      return array;
    },
    fork: (label) => fromKey(digest(`${key.toString('hex')}/${label}`)),
  };
}
