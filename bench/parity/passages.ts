/** Texts for the comparison with a real model: passages of every kind that a data folder has, and hostile strings. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Passages of each file, spread over its whole length, `count` in all. */
export function realPassages(dataDir: string, count: number): string[] {
  const pools = filesIn(dataDir).map(textsOf);
  const full = pools.filter((texts) => texts.length > 0);
  if (full.length === 0) throw new Error(`${dataDir} has no *.jsonl.gz with a field "text"`);
  const picked: string[] = [];
  for (let turn = 0; picked.length < count; turn++) {
    const texts = full[turn % full.length]!;
    const round = Math.floor(turn / full.length);
    picked.push(texts[Math.floor((round * texts.length) / Math.ceil(count / full.length))]!);
  }
  return picked;
}

function filesIn(dataDir: string): string[] {
  if (!existsSync(dataDir)) throw new Error(`there is no folder ${dataDir}`);
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .map((name) => join(dataDir, name));
}

function textsOf(path: string): string[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  return lines.flatMap((line) => {
    const { text } = JSON.parse(line) as { text?: unknown };
    return typeof text === 'string' && text.trim() !== '' ? [text] : [];
  });
}

/** What breaks careless tokenizers. */
export const HOSTILE: readonly string[] = [
  '',
  ' ',
  ' '.repeat(5000),
  `a${' '.repeat(300)}b${'\u00a0'.repeat(300)}c\u2003d\u3000e`,
  '\t\r\n\v\f\u0085\u2028\u2029x',
  'a\u0085b \ufeffc\u200bd\u00ade\u200cf',
  ...['\u0000', 'nul\u0000in\u0000side', '\u0001\u0007\u001b[31mred\u001b[0m\u007f\u009f'],
  ...['half \ud83d a pair', '\udc00\ud800', 'end \udbff'],
  'family 👩‍👩‍👧‍👦, flag 🏳️‍🌈 🇫🇷, skin 👋🏽, keycap 1️⃣ 😀😀😀',
  'שָׁלוֹם עולם \u202eright to left\u202c مَرْحَبًا \u200fx\u200e',
  `e${'\u0301'.repeat(300)} Z\u0351\u036b\u0343\u036a n\u0303 \u0301alone`,
  'É é É \u0130stanbul ß ẞ ﬁ ﷺ ㎏ Å ǅ ſ Σς',
  '日本語とかな交じり文。中文，没有空格。ไทยไม่มีช่องว่าง 한국어 한국',
  'नमस्ते ক্ষ ಠ_ಠ Ⴀⴀ 𐐀𐐨 𝕬𝖇𝖈 Ωmega Ελληνικά Кириллица',
  '\u{10ffff}\ue000\uffff\ufdd0\ufffd',
  'x'.repeat(5000),
  `${'word '.repeat(600)}end`,
  '[MASK] [CLS] [SEP] [PAD] [UNK] [mask] [ MASK ] <mask> <s> </s>',
  '[MASK][MASK]a[MASK]b ##ing ##[MASK] [unused1]',
  "it's we'll they'VE ''''' 's't're don\u2019t --- ... !?!? $1,234.56 a@b.c http://x.y/z?q=%20",
  'A1b2C3 ²³ ½ Ⅷ ٣٤ 12345678901234567890',
];
