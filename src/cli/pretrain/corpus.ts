/** The texts that a pre-training reads: encoded, shuffled, cached, some held out. */

import { CptError } from '../../errors.ts';
import { makeRng } from '../../rng.ts';
import { encodeCorpus, type TokenIds } from '../../text/corpus.ts';
import type { DecodeOptions } from '../../text/decode.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { type CachedCorpus, corpusKey, readCorpus, writeCorpus } from './corpus-cache.ts';
import { documents, shuffleDocuments, splitOff } from './documents.ts';

export interface CorpusInput {
  readonly data: readonly string[];
  /** Whether some of the text is to be held out. */
  readonly splitOff: boolean;
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
  readonly tokens: TokenIds;
  /** Documents of the data's end, where no held-out file is given. */
  readonly splitOff: TokenIds | null;
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
    const { tokens, texts } = await encodeCorpus(documents(data, decode, signal, reading), tokenizer);
    if (texts === 0) throw new CptError('CPT_FEED', `There is no text in ${data.join(', ')}.`);
    const rng = makeRng(seed).fork('documents');
    corpus = { tokens: shuffleDocuments(tokens, tokenizer.special.eos, rng), texts };
    await writeCorpus(folder, key, corpus);
    const aside =
      reading.rejected === 0 ? '' : `; ${reading.rejected} records hold no text and were left out`;
    say(`${texts} texts, ${tokens.length} tokens${aside}`);
  }
  const { tokens } = corpus;
  if (!input.splitOff) return { tokens, splitOff: null };
  const [kept, heldOut] = splitOff(tokens, tokenizer.special.eos, HELD_OUT_SHARE);
  return { tokens: kept, splitOff: heldOut };
}

/** A file that is only measured on. */
export async function heldOutText(
  file: string,
  { tokenizer, decode, signal }: Pick<CorpusInput, 'tokenizer' | 'decode' | 'signal'>,
): Promise<TokenIds> {
  const read = documents([file], decode, signal, { rejected: 0 });
  const { tokens, texts } = await encodeCorpus(read, tokenizer);
  if (texts === 0) throw new CptError('CPT_FEED', `There is no text in ${file}.`);
  return tokens;
}
