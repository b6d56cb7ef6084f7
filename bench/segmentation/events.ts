/** Local correlation: passages of one source in runs that share an event's words. */
import type { Rng } from '../../src/rng.ts';
import { between } from './draw.ts';

/** Lengths of the runs, both ends included. */
export type Lengths = readonly [number, number];

/** Chance that a passage has one of the words that its run shares. */
const ECHOED = 0.7;

/**
 * The same passages, ordered in runs of near neighbours: a run begins with a random passage and takes, one after
 * the other, the passage left that shares most with the run, each rare word (in at most one passage of 200) by
 * ln(n/df), as often as the run has it. A run ends early where nothing left shares a rare word. The runs are
 * shuffled afterwards, because late ones are looser.
 */
export function inEvents(texts: readonly string[], rng: Rng, lengths: Lengths): string[] {
  const words = texts.map(wordsOf);
  const passagesWith = invert(words);
  const isRare = (word: string): boolean => passagesWith.get(word)!.length <= texts.length / 200;
  const left = new Set(texts.keys());
  const runs: number[][] = [];
  for (const seed of rng.shuffle([...texts.keys()])) {
    if (!left.has(seed)) continue;
    const wanted = between(rng, ...lengths);
    const shared = new Map<number, number>(); // passage that is left → what it shares with the run
    const run: number[] = [];
    for (let next: number | null = seed; next !== null && run.length < wanted; next = largest(shared)) {
      run.push(next);
      left.delete(next);
      shared.delete(next);
      for (const word of words[next]!) {
        const passages = passagesWith.get(word)!;
        if (!isRare(word)) continue;
        const weight = Math.log(texts.length / passages.length);
        for (const p of passages) if (left.has(p)) shared.set(p, (shared.get(p) ?? 0) + weight);
      }
    }
    runs.push(run);
  }
  return rng.shuffle(runs).flatMap((run) => run.map((p) => texts[p]!));
}

/** The same passages in their order, in runs: each other passage of a run gets most of the first's 3 to 6 rarest words. */
export function withEchoes(texts: readonly string[], rng: Rng, lengths: Lengths): string[] {
  const words = texts.map(wordsOf);
  const passagesWith = invert(words);
  const rarity = (word: string): number => passagesWith.get(word)!.length;
  const told: string[] = [];
  while (told.length < texts.length) {
    const first = told.length;
    const rarest = [...words[first]!].sort((a, b) => rarity(a) - rarity(b)).slice(0, between(rng, 3, 6));
    told.push(texts[first]!);
    for (const text of texts.slice(first + 1, first + between(rng, ...lengths))) {
      told.push([text, ...rarest.filter(() => rng.uniform() < ECHOED)].join(' '));
    }
  }
  return told;
}

function wordsOf(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu));
}

/** Word → passages that have it. */
function invert(words: readonly ReadonlySet<string>[]): Map<string, number[]> {
  const passagesWith = new Map<string, number[]>();
  words.forEach((own, p) => {
    for (const word of own) {
      const passages = passagesWith.get(word);
      if (passages) passages.push(p);
      else passagesWith.set(word, [p]);
    }
  });
  return passagesWith;
}

/** The key of the largest value; null of none. */
function largest(shared: ReadonlyMap<number, number>): number | null {
  let best: number | null = null;
  let most = 0;
  for (const [passage, value] of shared) {
    if (value > most) [best, most] = [passage, value];
  }
  return best;
}
