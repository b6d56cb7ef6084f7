/** Texts that a feed may bring and that break careless code, and an arbitrary over them. */
import fc from 'fast-check';

export const HOSTILE: readonly string[] = [
  '',
  ' ',
  ' '.repeat(5000),
  'x'.repeat(10_000),
  `日${'é'.repeat(3000)}`,
  'nul\u0000in\u0000side\u0000',
  '\t\r\n\v\f\u0085\u2028\u2029',
  'a\u0085b \ufeffc\u200bd\u00adf', // where JavaScript's \s and Unicode's white space differ
  '\u0001\u0007\u001b[31mred\u001b[0m\u007f\u009f',
  'family 👩‍👩‍👧‍👦, flag 🏳️‍🌈 🇫🇷, skin 👋🏽, keycap 1️⃣',
  'שלום עולם \u202eright to left\u202c مرحبا',
  'שָׁלוֹם مَرْحَبًا \u200fx\u200e', // with marks
  `a${' '.repeat(300)}b${'\u00a0'.repeat(300)}c`,
  '\ufeffmark at the start, \u0085next line',
  `e${'\u0301'.repeat(300)} Z\u0351\u036b\u0343\u036a`, // one letter, many marks
  'ﬁ ﷺ ㎏ Å ',
  '日本語とかな交じり文。中文，没有空格。ไทยไม่มีช่องว่าง',
  '\u{10ffff}\ue000\uffff\ufdd0',
  '\ud83d\ude00'.repeat(400),
  "it's we'll they'VE ''''' 's't're",
  '<mask> <s> </s> <pad> <unk><mask><mask>',
  '[MASK] [CLS] [SEP] [PAD] [UNK][MASK] ##[MASK]',
  'Ġhello Ċ ĠĠ Ã©', // letters that byte-level tokenizers use for bytes
  '__proto__ constructor {"text":"x"} #{x} %s %n \\u0000 \\',
  'A1b2C3 ²³ ½ Ⅷ ٣٤ 12345678901234567890',
  'no-break\u00a0space\u2003em\u3000ideographic',
];

const fragment = fc.oneof(
  fc.constantFrom(...HOSTILE.map((text) => text.slice(0, 60))),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(' ', '  ', '\n', '\n\n', "'s", "'", '<mask>', '</s>', 'word', '1999'),
);

/** Well-formed strings of hostile and ordinary pieces. */
export const anyText = fc.array(fragment, { maxLength: 8 }).map((parts) => parts.join(''));
