/** Passages of any length laid end to end in blocks of one length, so that no step is spent on padding. */
import type { SpecialTokens } from './tokenizer.ts';

/**
 * Packs encoded passages into blocks of `length` ids: `bos`, then passages one after the other, each followed by
 * `eos`; a passage that does not fit goes on in the next block, and the last block is filled with `pad`. Order is
 * kept, no id is lost, empty passages leave nothing.
 *
 * @throws RangeError when `length` is under 2
 */
export function packPassages(
  encoded: readonly ArrayLike<number>[],
  length: number,
  special: SpecialTokens,
): Int32Array[] {
  if (!Number.isInteger(length) || length < 2)
    throw new RangeError(`a block has at least 2 ids, not ${length}`);
  const blocks: Int32Array[] = [];
  let block = new Int32Array(0);
  let at = length;
  const put = (id: number): void => {
    if (at === length) {
      block = new Int32Array(length).fill(special.pad);
      block[0] = special.bos;
      blocks.push(block);
      at = 1;
    }
    block[at++] = id;
  };
  for (const ids of encoded) {
    if (ids.length === 0) continue;
    for (let i = 0; i < ids.length; i++) put(ids[i]!);
    put(special.eos);
  }
  return blocks;
}
