/** The texts of the comparisons: real passages where a data folder is given, and strings that break tokenizers. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { HOSTILE } from '../../test/text/hostile.ts';

/** Why there are no passages. */
export class NoPassages extends Error {}

/**
 * Passages of every file of gzipped JSON Lines in a folder and below, in turn, spread over the whole of each.
 * @throws NoPassages where the folder holds fewer than `count`
 */
export function realPassages(dataDir: string | undefined, count: number): string[] {
  if (dataDir === undefined) throw new NoPassages('no real passages: name their folder with --data');
  if (!existsSync(dataDir)) throw new NoPassages(`no real passages: there is no folder ${dataDir}`);
  const files = readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort();
  const pools = files.map((name) => textsIn(join(dataDir, name))).filter((texts) => texts.length > 0);
  const each = Math.ceil(count / Math.max(1, pools.length));
  const picked = pools.map((texts) => spread(texts, each));
  const dealt = Array.from({ length: each }, (_, turn) =>
    picked.flatMap((texts) => texts[turn] ?? []),
  ).flat();
  if (dealt.length >= count) return dealt.slice(0, count);
  throw new NoPassages(`no real passages: ${dataDir} has ${dealt.length} in *.jsonl.gz, not ${count}`);
}

/** Distinct passages of a file. */
function textsIn(path: string): string[] {
  const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
  const texts = lines.map((line) => (JSON.parse(line) as { readonly text?: unknown }).text);
  return [...new Set(texts)].filter((text): text is string => typeof text === 'string' && text.trim() !== '');
}

/** At most `count` of them, equally far apart. */
function spread(texts: readonly string[], count: number): string[] {
  const few = Math.min(count, texts.length);
  return Array.from({ length: few }, (_, at) => texts[Math.floor((at * texts.length) / few)]!);
}

/** Half a surrogate pair is no character: what reads UTF-8 sees U+FFFD. Only JavaScript has such strings. */
const HALVES = ['half \ud83d a pair', '\udc00\ud800', 'end \udbff'];

const SPELT = [
  ...['[MASK]', '[CLS]', '[SEP]', '[PAD]', '[UNK]', '<mask>', '<s>', '</s>', '<pad>', '<unk>'],
  ...[
    'a [MASK] b<mask>c',
    '[MASK][MASK]',
    '<mask><mask>',
    '[ MASK ] < mask >',
    '▁<mask> ##[MASK] [mask] <MASK>',
  ],
  ...['[MASK', 'MASK]', '<mask', 'mask>', '</s></s> <s>x</s>', '##ing [unused1] ##'],
];

const SCRIPTS = [
  'नमस्ते ক্ষ ಠ_ಠ Ⴀⴀ 𐐀𐐨 𝕬𝖇𝖈 Ωmega Ελληνικά Кириллица 한국어 한국',
  'É é É \u0130stanbul ß ẞ Å ǅ ſ Σς n\u0303 \u0301alone',
  `${'word '.repeat(600)}end http://x.y/z?q=%20 $1,234.56`,
];

/** With texts that spell special tokens of both styles. */
export const HOSTILE_STRINGS: readonly string[] = [...HOSTILE, ...HALVES, ...SPELT, ...SCRIPTS];
