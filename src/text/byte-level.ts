/**
 * The byte-level alphabet of GPT-2 and RoBERTa: every byte is written as one printable character, so that a
 * vocabulary of strings covers all bytes and no text is ever unknown. Printable Latin-1 stands for itself, the
 * other 68 bytes (controls, space, soft hyphen, ...) stand for U+0100 and on, in order.
 */
const printable = (byte: number): boolean =>
  (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/** `BYTE_TO_CHAR[byte]` is that byte's character. */
export const BYTE_TO_CHAR: readonly string[] = (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
})();

/** The alphabet in code-point order: the order of its ids in a vocabulary. */
export const ALPHABET: readonly string[] = [...BYTE_TO_CHAR].sort(
  (a, b) => a.charCodeAt(0) - b.charCodeAt(0),
);

/**
 * The words that byte pairs are merged in, as GPT-2 cuts them: English clitics, letters, digits, other marks,
 * each with at most one space before it, and white space. White space is Unicode's property, not JavaScript's
 * `\s`, because that is what the Rust tokenizer means by it (they differ in U+0085 and U+FEFF).
 */
const WORD =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Cuts a text into words; joined again they are the text. */
export function cutWords(text: string): string[] {
  return text.match(WORD) ?? [];
}
