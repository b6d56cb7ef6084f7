/** The passages in a state, by their index. Sizes are bytes of UTF-8, as the segmenter counts them. */
import type { Database, RootDatabase } from 'lmdb';
import { countOf, type Range } from '../../domains/ranges.ts';
import { CptError } from '../../errors.ts';

export class Passages {
  readonly #texts: Database<string, number>;

  constructor(root: RootDatabase) {
    this.#texts = root.openDB('passages', { encoding: 'string' });
  }

  /** @returns their size together */
  put(first: number, texts: readonly string[]): number {
    let size = 0;
    for (const [at, text] of texts.entries()) {
      this.#texts.putSync(first + at, text);
      size += Buffer.byteLength(text);
    }
    return size;
  }

  /** @throws CptError CPT_STATE where one is missing */
  read(ranges: readonly Range[]): string[] {
    const texts = ranges.flatMap(([start, last]) =>
      Array.from(this.#texts.getRange({ start, end: last + 1 }), ({ value }) => value),
    );
    if (texts.length !== countOf(ranges)) {
      const places = ranges.slice(0, 3).map(([first, last]) => `${first} to ${last}`);
      throw new CptError('CPT_STATE', `The state lacks passages of the domain from ${places.join(', ')}.`);
    }
    return texts;
  }

  /** Single ones, those that are still here, in the order of their indices. */
  some(indices: readonly number[]): string[] {
    return indices.flatMap((index) => this.#texts.get(index) ?? []);
  }

  /** Of one passage; 0 where it is not there. */
  sizeOf(index: number): number {
    return this.#texts.getBinaryFast(index)?.length ?? 0; // its bytes as they lie there
  }

  remove(indices: Iterable<number>): void {
    for (const index of indices) this.#texts.removeSync(index);
  }
}
