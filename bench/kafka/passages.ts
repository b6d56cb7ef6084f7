/** Passages for a topic: made-up words, several kinds in turn, each long enough that its end is found. */
import { makeRng, type Rng } from '../../src/rng.ts';

const KINDS = 6;
/** Passages of one kind before the next. */
export const STRETCH = 2000;
const COMMON_WORDS = 120; // of all kinds
const OWN_WORDS = 600;
/** Of five words two are common to all kinds, as in real text. */
const COMMON_SHARE = 0.4;
const CONSONANTS = 'bcdfghjklmnprstvwz';
const VOWELS = 'aeiou';

/** @returns a function that gives the passages in their order, each of `bytes` ASCII characters */
export function passageMaker(seed: string, bytes: number): () => string {
  const rng = makeRng(`kafka bench ${seed}`);
  const common = vocabulary(rng.fork('common'), COMMON_WORDS);
  const kinds = Array.from({ length: KINDS }, (_, kind) => vocabulary(rng.fork(kind), OWN_WORDS));
  let index = 0;
  return () => {
    const own = kinds[Math.floor(index++ / STRETCH) % KINDS]!;
    let text = '';
    while (text.length < bytes) {
      const words = rng.uniform() < COMMON_SHARE ? common : own;
      text += words[Math.floor(words.length * rng.uniform() ** 3)]!; // a few words are most of a text
    }
    return `${text.slice(0, bytes - 1)}.`;
  };
}

/** Words of one to four syllables, each with what follows it: mostly a space. */
function vocabulary(rng: Rng, size: number): string[] {
  const letter = (letters: string): string => letters[rng.int(letters.length)]!;
  return Array.from({ length: size }, () => {
    const syllables = Array.from({ length: 1 + rng.int(4) }, () => letter(CONSONANTS) + letter(VOWELS));
    return `${syllables.join('')}${rng.int(12) === 0 ? ', ' : ' '}`;
  });
}
