/** A whole corpus as one stream of token ids, for pre-training. */
import type { Tokenizer } from './tokenizer.ts';

const BATCH_TEXTS = 512;

/** Two bytes an id where the vocabulary allows it, else four. */
export type TokenIds = Uint16Array | Uint32Array;

export interface Corpus {
  /** Token ids of all texts in order, each text followed by the end marker. */
  readonly tokens: TokenIds;
  readonly texts: number;
}

/** `length` zeros, wide enough for the ids of a vocabulary. */
export function emptyIds(vocabSize: number, length: number): TokenIds {
  return vocabSize > 65_536 ? new Uint32Array(length) : new Uint16Array(length);
}

/** Encodes texts one after the other, `eos` behind each. */
export async function encodeCorpus(
  texts: Iterable<string> | AsyncIterable<string>,
  tokenizer: Tokenizer,
): Promise<Corpus> {
  let tokens = emptyIds(tokenizer.vocabSize, 1 << 16);
  let length = 0;
  let count = 0;
  let batch: string[] = [];
  const flush = async (): Promise<void> => {
    for (const ids of await tokenizer.encodeBatch(batch)) {
      const end = length + ids.length + 1;
      if (end > tokens.length) {
        const wider = emptyIds(tokenizer.vocabSize, Math.max(end, tokens.length * 2));
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
