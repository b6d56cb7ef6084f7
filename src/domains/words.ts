/** The words of a text that a person could read as a label: the same tokens as the features', but as text. */
import { classOf, SPACELESS, WORD } from './unicode.ts';

/** UTF-16 units of a passage that are looked at. */
const MAX_TEXT = 256;
/** A longer run of letters is not a word of any language. UTF-16 units. */
const MAX_WORD = 32;
/** Not to be shown: letters that have no ink, marks without a letter or piled up on one. */
const UNSHOWN = /\p{Default_Ignorable_Code_Point}|\p{M}{4}|^\p{M}/u;

/**
 * The distinct words, lower-cased, in the order of their first place; pairs of neighbouring letters where a script
 * writes no spaces. Nothing but letters and their marks is in them.
 */
export function wordsOf(text: string): string[] {
  const head = text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
  const lower = head.normalize('NFC').toLowerCase();
  const words = new Set<string>();
  let start = -1; // of the word being read
  let before = -1; // the letter before, where it is of a script without spaces
  let plain = true; // as far as it is of ASCII
  const add = (from: number, to: number): void => {
    if (to - from > MAX_WORD) return;
    const word = lower.slice(from, to);
    if (plain || !UNSHOWN.test(word)) words.add(word);
  };
  for (let at = 0, next = 0; at < lower.length; at = next) {
    const code = lower.codePointAt(at)!;
    next = at + (code > 0xffff ? 2 : 1);
    const kind = classOf(code);
    if (kind === WORD) {
      if (start < 0) {
        start = at;
        plain = true;
      }
      if (code > 0x7f) plain = false;
    } else if (start >= 0) {
      add(start, at);
      start = -1;
    }
    if (kind === SPACELESS) {
      plain = false;
      if (before >= 0) add(before, next);
    }
    before = kind === SPACELESS ? at : -1;
  }
  if (start >= 0 && head === text) add(start, lower.length); // where the text was cut it may be half a word
  return [...words];
}
