/** A corpus as one long stream of ids, read round and round, a window of shuffled blocks at a time. */
import type { Rng } from '../rng.ts';
import type { TokenIds } from '../text/corpus.ts';
import type { SpecialTokens } from '../text/tokenizer.ts';

/** Steps whose blocks are shuffled among each other. Documents are shuffled already; this parts neighbours. */
const WINDOW = 256;

export interface BlockShape {
  /** Blocks in a step. */
  readonly batch: number;
  /** Ids in a block. */
  readonly length: number;
}

/**
 * Gives the blocks of each step of a phase. The next phase reads on where this one ended, so nothing is read twice
 * before all has been read once, whatever the phases' shapes.
 * @param cursor ids read before the phase, see `idsRead`
 * @param rng of the phase
 * @returns the blocks of the step that `done` others of the phase come before
 */
export function phaseBlocks(
  stream: TokenIds,
  cursor: number,
  { batch, length }: BlockShape,
  special: SpecialTokens,
  rng: Rng,
): (done: number) => Int32Array[] {
  let window = -1;
  let order = new Uint32Array(0);
  return (done) => {
    const wanted = Math.floor(done / WINDOW);
    if (wanted !== window) {
      window = wanted;
      order = rng
        .fork(`window-${window}`)
        .shuffle(Uint32Array.from({ length: WINDOW * batch }, (_, at) => at));
    }
    const first = (done - window * WINDOW) * batch;
    return Array.from(order.subarray(first, first + batch), (at) =>
      blockFrom(stream, cursor + (window * WINDOW * batch + at) * (length - 2), length, special),
    );
  };
}

/** Ids of the stream that steps of these shapes read. */
export function idsRead(phases: readonly (BlockShape & { readonly steps: number })[]): number {
  return phases.reduce((sum, { steps, batch, length }) => sum + steps * batch * (length - 2), 0);
}

/** A whole stream as blocks; what does not fill the last one is left out. */
export function blocksOf(stream: TokenIds, length: number, special: SpecialTokens): Int32Array[] {
  const count = Math.floor(stream.length / (length - 2));
  return Array.from({ length: count }, (_, at) => blockFrom(stream, at * (length - 2), length, special));
}

/** `<s>`, length - 2 ids from `start` on, behind the stream's end from its beginning, `</s>`. */
function blockFrom(stream: TokenIds, start: number, length: number, special: SpecialTokens): Int32Array {
  const block = new Int32Array(length);
  block[0] = special.bos;
  for (let at = 1, from = start % stream.length; at < length - 1; from = 0) {
    const part = stream.subarray(from, Math.min(stream.length, from + length - 1 - at));
    block.set(part, at);
    at += part.length;
  }
  block[length - 1] = special.eos;
  return block;
}
