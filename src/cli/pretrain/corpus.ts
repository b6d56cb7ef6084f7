/** The texts that a pre-training reads: encoded, shuffled, cached, some held out. */

import { CptError } from '../../errors.ts';
import { makeRng } from '../../rng.ts';
import { encodeCorpus } from '../../text/corpus.ts';
import type { DecodeOptions } from '../../text/decode.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { type CachedCorpus, corpusKey, readCorpus, writeCorpus } from './corpus-cache.ts';
import { documents, shuffleDocuments, splitOff } from './documents.ts';

export interface CorpusInput {
  readonly data: readonly string[];
  readonly heldOut: string | null;
  readonly tokenizer: Tokenizer;
  /** Whatever tells one tokenizer from another. */
  readonly tokenizerJson: string;
  readonly decode: DecodeOptions;
  readonly seed: string;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

export interface TrainingText {
  readonly tokens: Uint16Array;
  readonly heldOut: Uint16Array;
  readonly texts: number;
}

const HELD_OUT_SHARE = 0.01;

/** @throws CptError CPT_FEED, CPT_DISK_FULL */
export async function trainingText(input: CorpusInput): Promise<TrainingText> {
  const { data, tokenizer, tokenizerJson, decode, seed, folder, signal, say } = input;
  const key = corpusKey(data, tokenizerJson, seed, JSON.stringify(decode));
  let corpus: CachedCorpus | null = readCorpus(folder, key);
  if (corpus === null) {
    say(`encoding ${data.length} file${data.length === 1 ? '' : 's'} …`);
    const reading = { rejected: 0 };
    const { tokens, texts } = await encode(documents(data, decode, signal, reading), tokenizer);
    if (texts === 0) throw new CptError('CPT_FEED', `There is no text in ${data.join(', ')}.`);
    const rng = makeRng(seed).fork('documents');
    corpus = { tokens: shuffleDocuments(tokens, tokenizer.special.eos, rng), texts };
    await writeCorpus(folder, key, corpus);
    const aside =
      reading.rejected === 0 ? '' : `; ${reading.rejected} records hold no text and were left out`;
    say(`${texts} texts, ${tokens.length} tokens${aside}`);
  }
  const { tokens, texts } = corpus;
  if (input.heldOut === null) {
    const [kept, heldOut] = splitOff(tokens, tokenizer.special.eos, HELD_OUT_SHARE);
    return { tokens: kept, heldOut, texts };
  }
  return { tokens, heldOut: await heldOutText({ ...input, heldOut: input.heldOut }), texts };
}

/** The held-out file alone. */
export async function heldOutText(
  input: Pick<CorpusInput, 'tokenizer' | 'decode' | 'signal'> & { readonly heldOut: string },
): Promise<Uint16Array> {
  const read = documents([input.heldOut], input.decode, input.signal, { rejected: 0 });
  const { tokens, texts } = await encode(read, input.tokenizer);
  if (texts === 0) throw new CptError('CPT_FEED', `There is no text in ${input.heldOut}.`);
  return tokens;
}

async function encode(texts: AsyncIterable<string>, tokenizer: Tokenizer): Promise<CachedCorpus> {
  if (tokenizer.vocabSize > 65_536) {
    throw new CptError('CPT_TOKENIZER', `A vocabulary of ${tokenizer.vocabSize} is over 65,536 entries.`);
  }
  return encodeCorpus(texts, tokenizer);
}
