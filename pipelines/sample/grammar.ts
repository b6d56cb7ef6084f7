/** A small generative grammar: sentences with slots, put together to passages. */
import type { Rng } from '../../src/rng.ts';

/**
 * Sentences hold slots in braces: `{dish}` a value of that list, `{a:dish}` the same with its article, `{Place}` (a
 * capital letter) one value for the whole passage, `{2..9}` a number, `{00..59}` one of fixed width. A value
 * may hold slots itself.
 */
export interface Grammar {
  /** What the passages are about: the truth that only a report reads. */
  readonly topic: string;
  readonly openings: readonly string[];
  readonly middles: readonly string[];
  readonly closings: readonly string[];
  readonly slots: Readonly<Record<string, readonly string[]>>;
}

const MIN_WORDS = 25;
const MAX_WORDS = 90;
const MAX_SENTENCES = 5;

/** Values written in one string, parted by bars. */
export function list(values: string): string[] {
  return values.split('|').map((value) => value.trim());
}

/** An endless supply of passages of 25 to 90 words and 1 to 5 sentences; none comes twice. */
export function* passages(grammar: Grammar, rng: Rng): Generator<string, never> {
  const opening = deck(grammar.openings, rng.fork('openings'));
  const middle = deck(grammar.middles, rng.fork('middles'));
  const closing = deck(grammar.closings, rng.fork('closings'));
  const draw = rng.fork('slots');
  const said = new Set<string>();
  const seen = new Set<string>();
  for (;;) {
    const target = MIN_WORDS + draw.int(MAX_WORDS - MIN_WORDS - 20);
    const fill = unsaid(filler(grammar, draw), said);
    const sentences = [fill(opening())];
    while (words(sentences) < target && sentences.length < MAX_SENTENCES - 1) sentences.push(fill(middle()));
    if (words(sentences) < target || draw.uniform() < 0.3) sentences.push(fill(closing()));
    const passage = sentences.join(' ');
    if (words(sentences) < MIN_WORDS || words(sentences) > MAX_WORDS || seen.has(passage)) continue;
    seen.add(passage);
    yield passage;
  }
}

/** Deals all items in random order before any comes again. */
function deck(items: readonly string[], rng: Rng): () => string {
  let left: string[] = [];
  return () => {
    if (left.length === 0) left = rng.shuffle([...items]);
    return left.pop()!;
  };
}

/** Fills the slots of one passage: no value of a list comes twice while there are others. */
function filler({ slots }: Grammar, rng: Rng): (sentence: string) => string {
  const bound = new Map<string, string>();
  const used = new Set<string>();
  const draw = (name: string): string => {
    const values = slots[name];
    if (values === undefined) throw new Error(`no slot ${name}`);
    const fresh = values.filter((value) => !used.has(value));
    const from = fresh.length > 0 ? fresh : values;
    const value = from[rng.int(from.length)]!;
    used.add(value);
    return fillIn(value);
  };
  const one = (slot: string): string => {
    const range = /^(\d+)\.\.(\d+)$/.exec(slot);
    if (range) {
      const low = Number(range[1]);
      return String(low + rng.int(Number(range[2]) - low + 1)).padStart(range[1]!.length, '0');
    }
    if (slot.startsWith('a:')) return withArticle(one(slot.slice(2)));
    if (!/^[A-Z]/.test(slot)) return draw(slot);
    if (!bound.has(slot)) bound.set(slot, draw(slot));
    return bound.get(slot)!;
  };
  const fillIn = (text: string): string => text.replace(/\{([^{}]+)\}/g, (_, slot: string) => one(slot));
  return (sentence) => {
    const filled = fillIn(sentence);
    return filled.charAt(0).toUpperCase() + filled.slice(1);
  };
}

/** Fills a sentence otherwise when it would come out as one that was said before, where it can. */
function unsaid(fill: (sentence: string) => string, said: Set<string>): (sentence: string) => string {
  return (sentence) => {
    let filled = fill(sentence);
    for (let again = 0; said.has(filled) && again < 8; again++) filled = fill(sentence);
    said.add(filled);
    return filled;
  };
}

function withArticle(value: string): string {
  return /^(?:[aeio]|u(?!ni|se)|hour|heir)/i.test(value) ? `an ${value}` : `a ${value}`;
}

function words(sentences: readonly string[]): number {
  return sentences.join(' ').split(' ').length;
}
