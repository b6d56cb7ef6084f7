/** A whole corpus as one stream of token ids, for pre-training. */
import type { Tokenizer } from './tokenizer.ts';

const BATCH_TEXTS = 512;

export interface Corpus {
  /** Token ids of all texts in order, each text followed by the end marker. */
  readonly tokens: Uint16Array;
  readonly texts: number;
}

/**
 * Encodes texts one after the other, `eos` behind each. Two bytes a token.
 *
 * @throws RangeError when the vocabulary does not fit two bytes
 */
export async function encodeCorpus(
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: Tokenizer,
): Promise<Corpus> {
  if (tokenizer.vocabSize > 65_536) {
    throw new RangeError(`a corpus holds 16-bit ids, the tokenizer has ${tokenizer.vocabSize}`);
  }
  let tokens = new Uint16Array(1 << 16);
  let length = 0;
  let count = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    for (const ids of await tokenizer.encodeBatch(batch)) {
      const end = length + ids.length + 1;
      if (end > tokens.length) {
        const wider = new Uint16Array(Math.max(end, tokens.length * 2));
        wider.set(tokens);
        tokens = wider;
      }
      tokens.set(ids, length);
      tokens[end - 1] = tokenizer.special.eos;
      length = end;
    }
    count += batch.length;
    batch = [];
  };
  for await (const text of texts) {
    batch.push(text);
    if (batch.length === BATCH_TEXTS) await flush();
  }
  await flush();
  return { tokens: tokens.slice(0, length), texts: count };
}
