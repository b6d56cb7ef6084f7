/**
 * How a text fits a vocabulary, for any kind of tokenizer. A word is *out of vocabulary* where it is not one known
 * token: it is cut into pieces, is the unknown token, or is lost. A byte-level BPE has no unknown token, but cuts
 * strange words; WordPiece and Unigram do both.
 */
import { classOf, SPACELESS, WORD } from '../domains/unicode.ts';
import type { PlacedTokens } from '../text/tokenizer.ts';

export interface VocabularyFit {
  /** UTF-8. */
  readonly bytes: number;
  readonly tokens: number;
  /** Runs of letters; of a script without spaces each letter is one. Numbers and signs are no words. */
  readonly words: number;
  readonly outOfVocabulary: number;
}

/**
 * @param placed the tokens of each text
 * @param unknown id of the unknown token
 */
export function vocabularyFit(
  texts: readonly string[],
  placed: readonly PlacedTokens[],
  unknown: number,
): VocabularyFit {
  const fit = { bytes: 0, tokens: 0, words: 0, outOfVocabulary: 0 };
  for (const [at, text] of texts.entries()) {
    const { ids, spans } = placed[at]!;
    fit.bytes += new TextEncoder().encode(text).length;
    fit.tokens += ids.length;
    let first = 0; // the first token that may reach into the word
    for (const [start, end] of wordsOf(text)) {
      while (first < spans.length && spans[first]![1] <= start) first++;
      let pieces = 0;
      let known = true;
      for (let token = first; token < spans.length && spans[token]![0] < end; token++) {
        if (spans[token]![1] === spans[token]![0]) continue; // stands for nothing of the text
        pieces++;
        known &&= ids[token] !== unknown;
      }
      fit.words++;
      if (pieces !== 1 || !known) fit.outOfVocabulary++;
    }
  }
  return fit;
}

/** [start, end) of each word, in code points. */
function wordsOf(text: string): [number, number][] {
  const words: [number, number][] = [];
  let open = -1;
  let at = 0;
  for (const character of text) {
    const kind = classOf(character.codePointAt(0)!);
    if (kind === WORD && open < 0) open = at;
    if (kind !== WORD && open >= 0) {
      words.push([open, at]);
      open = -1;
    }
    if (kind === SPACELESS) words.push([at, at + 1]);
    at++;
  }
  if (open >= 0) words.push([open, at]);
  return words;
}
