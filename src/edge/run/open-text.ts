/** How the open domain's text fits the base's tokenizer, measured now and then on a small sample of it. */
import type { SegmenterStatus } from '../../domains/index.ts';
import type { CptEvent } from '../../events.ts';
import { vocabularyFit } from '../../measure/vocabulary.ts';
import { makeRng } from '../../rng.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { readTokenizer } from '../base.ts';
import type { State } from '../state/state.ts';

/** Passages between two measurements, and before the first of a domain. */
const EVERY = 100;
const FIRST = 32;
const SAMPLE = 32;
/** The sample comes from so many of the newest passages, so that it shows what the text is like now. */
const NEWEST = 512;
/** Characters of a passage that are looked at. */
const MOST_CHARACTERS = 4096;
/** A measurement rests for so many times as long as it took: at most 2 % of the time goes into it. */
const REST = 49;

export interface OpenTextOptions {
  readonly lineage: string;
  /** Folder of the base; its tokenizer is loaded with the first measurement. */
  readonly base: string;
  readonly state: Pick<State, 'texts'>;
  /** Seconds, from any zero. */
  readonly clock: () => number;
}

export function watchOpenText({ lineage, base, state, clock }: OpenTextOptions) {
  let tokenizer: Tokenizer | undefined;
  let domain = -1; // the first passage of the domain measured last
  let due = 0; // open passages at which the next is due
  let rested = 0;
  return async ({ passages, openFirst, openPassages }: SegmenterStatus): Promise<CptEvent[]> => {
    if (openFirst !== domain) {
      domain = openFirst;
      due = FIRST;
    }
    if (openPassages < due || clock() < rested) return [];
    due = openPassages + EVERY;
    tokenizer ??= await readTokenizer(base);
    const since = clock();
    const texts = sampleTexts(state, sampleOf(openFirst, passages, SAMPLE));
    const fit = vocabularyFit(texts, await tokenizer.placeBatch(texts), tokenizer.special.unk);
    const now = clock();
    rested = now + REST * (now - since);
    const event = {
      event: 'OpenTextMeasured',
      lineage,
      openPassages,
      sampled: texts.length,
      bytesPerToken: fit.tokens > 0 ? fit.bytes / fit.tokens : null,
      outOfVocabulary: fit.words > 0 ? fit.outOfVocabulary / fit.words : null,
    } as const;
    return [event];
  };
}

/**
 * `most` of the newest indices from `first` to `end` - 1, ascending. It depends on these numbers alone, so that a run
 * started again measures the same.
 */
export function sampleOf(first: number, end: number, most: number): number[] {
  const from = Math.max(first, end - NEWEST);
  const all = Array.from({ length: end - from }, (_, at) => from + at);
  return makeRng(`open ${first} ${end}`)
    .shuffle(all)
    .slice(0, most)
    .sort((a, b) => a - b);
}

/** Their beginnings. */
export function sampleTexts(state: Pick<State, 'texts'>, indices: readonly number[]): string[] {
  return state.texts(indices).map((text) => text.slice(0, MOST_CHARACTERS));
}
