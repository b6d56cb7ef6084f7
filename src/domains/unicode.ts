/** What a code point is to the feature extractor, decided by Unicode properties and remembered. */

export const SEPARATOR = 1; // spaces, controls, format characters
export const WORD = 2; // letters, and the marks that belong to them
export const DIGIT = 3;
export const SIGN = 4; // punctuation and symbols: each a token of its own
export const SPACELESS = 5; // letters of a script that writes no spaces between words

const NUMBER = /\p{N}/u;
const LETTER = /[\p{L}\p{M}]/u;
const SIGNS = /[\p{P}\p{S}]/u;
const SPACELESS_SCRIPTS =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Yi}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Tai_Le}\p{scx=New_Tai_Lue}\p{scx=Tai_Tham}\p{scx=Tai_Viet}\p{scx=Javanese}\p{scx=Balinese}]/u;

const table = new Uint8Array(0x110000); // 0: not asked for yet; a memo of a pure function

/** Class of one code point. A lone surrogate is a separator. */
export function classOf(codePoint: number): number {
  const known = table[codePoint]!;
  if (known !== 0) return known;
  const found = classify(codePoint);
  table[codePoint] = found;
  return found;
}

function classify(codePoint: number): number {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return SEPARATOR;
  const character = String.fromCodePoint(codePoint);
  if (NUMBER.test(character)) return DIGIT;
  if (LETTER.test(character)) return SPACELESS_SCRIPTS.test(character) ? SPACELESS : WORD;
  return SIGNS.test(character) ? SIGN : SEPARATOR;
}
