/**
 * A domain's label: its most distinctive words. A word scores by the log odds of its passages' share in the domain
 * against that in the others, with a prior from both, in standard errors (Monroe, Colaresi and Quinn, "Fightin'
 * words", Political Analysis 16(4), 2008). No list of stop words: words that nearly every passage of the domain has,
 * and short ones (in every language the frequent words without a subject are short: Zipf's law of abbreviation), count
 * for less. Without others to compare with, a word scores by how many passages have it.
 */
import type { WordCounts } from './word-counts.ts';

const WORDS = 4;
const MAX_LABEL = 64; // UTF-16 units
/** A word of the label before stays while it is among so many best. */
const STAYS = 12;
const PRIOR = 10; // passages
/** Fewer passages of others say nothing about them. */
const FEWEST_OTHERS = 8;
/** A word of fewer passages is chance. */
const FEWEST = 3;
const LONG = 8; // UTF-8 bytes: longer words gain no more

/**
 * The words of a label, best first; none where no word is distinctive.
 * @param before the words of the label so far, which stay where they still fit
 */
export function chooseWords(own: WordCounts, others: WordCounts, before: readonly string[] = []): string[] {
  const scored = [...own.counts]
    .filter(([, count]) => count >= Math.min(FEWEST, own.passages))
    .map(([word, count]) => ({ word, score: scoreOf(word, count, own, others) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || (a.word < b.word ? -1 : 1));
  const best = scored.slice(0, STAYS).map(({ word }) => word);
  const candidates = [...before.filter((word) => best.includes(word)), ...scored.map(({ word }) => word)];
  const chosen: string[] = [];
  let length = 0;
  for (const word of candidates) {
    if (chosen.length === WORDS) break;
    if (length + word.length > MAX_LABEL || chosen.some((other) => alike(word, other))) continue;
    chosen.push(word);
    length += word.length + SEPARATOR.length;
  }
  return chosen;
}

const SEPARATOR = ', ';

/** The label as a person reads it; null where there are no words. */
export function labelOf(words: readonly string[]): string | null {
  return words.length === 0 ? null : words.join(SEPARATOR);
}

const LABEL = /^[\p{L}\p{M}, ]{1,100}$/u;

/** Whether somebody else's label has nothing in it but words. */
export function isLabel(value: unknown): value is string {
  return typeof value === 'string' && LABEL.test(value);
}

function scoreOf(word: string, count: number, own: WordCounts, others: WordCounts): number {
  const n = own.passages;
  const length = Math.min(1, Buffer.byteLength(word) / LONG);
  const seldom = 1 - count / (n + 1);
  const m = others.passages;
  if (m < FEWEST_OTHERS) return Math.sqrt(count) * seldom * length;
  const elsewhere = others.atMost(word);
  const prior = (PRIOR * (count + elsewhere)) / (n + m);
  const [a, b] = [count + prior, elsewhere + prior];
  const [c, d] = [n + PRIOR - a, m + PRIOR - b];
  return (Math.log((a * d) / (b * c)) / Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)) * seldom * length;
}

/** One begins with the other (model, models), or both are pairs of letters with one in common. */
function alike(a: string, b: string): boolean {
  if (a.startsWith(b) || b.startsWith(a)) return true;
  const [x, y] = [[...a], [...b]];
  return x.length === 2 && y.length === 2 && x.some((letter) => y.includes(letter));
}
