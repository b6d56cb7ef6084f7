/** Made-up kinds of text: a seeded vocabulary in any script, words drawn by Zipf's law. */
import type { Rng } from '../../src/rng.ts';

export interface Alphabet {
  readonly from: number;
  readonly to: number;
}

export const LATIN: Alphabet = { from: 0x61, to: 0x7a };
export const CYRILLIC: Alphabet = { from: 0x430, to: 0x44f };
export const ARABIC: Alphabet = { from: 0x627, to: 0x63a };
export const DEVANAGARI: Alphabet = { from: 0x915, to: 0x939 };
export const HANGUL: Alphabet = { from: 0xac00, to: 0xb3ff };
export const HAN: Alphabet = { from: 0x4e00, to: 0x57ff };
export const THAI: Alphabet = { from: 0xe01, to: 0xe2e };

export interface Kind {
  /** One passage; each call draws on. */
  passage(): string;
}

export interface KindOptions {
  readonly alphabet?: Alphabet;
  /** Words of a kind's own; the rest it shares with all kinds of the same alphabet. */
  readonly own?: number;
  readonly shared?: number;
  /** Part of the words of a passage that are of the kind's own. */
  readonly part?: number;
  readonly least?: number;
  readonly most?: number;
  /** Between words: empty for a script without spaces. */
  readonly space?: string;
}

/** A kind named by `name`: the same name and seed give the same vocabulary. */
export function makeKind(rng: Rng, name: string, options: KindOptions = {}): Kind {
  const {
    alphabet = LATIN,
    own = 300,
    shared = 300,
    part = 0.35,
    least = 20,
    most = 60,
    space = ' ',
  } = options;
  const common = vocabulary(rng.fork('common').fork(alphabet.from), alphabet, shared);
  const special = vocabulary(rng.fork(name), alphabet, own);
  const draws = rng.fork(name).fork('draws');
  return {
    passage() {
      const words: string[] = [];
      for (let left = least + draws.int(most - least + 1); left > 0; left--) {
        const from = draws.uniform() < part ? special : common;
        words.push(from[zipf(draws, from.length)]!);
      }
      return `${words.join(space)}.`;
    },
  };
}

/** `count` passages of a kind. */
export function passages(kind: Kind, count: number): string[] {
  return Array.from({ length: count }, () => kind.passage());
}

function vocabulary(rng: Rng, { from, to }: Alphabet, size: number): string[] {
  const letter = (): string => String.fromCodePoint(from + rng.int(to - from + 1));
  return Array.from({ length: size }, () => Array.from({ length: 2 + rng.int(6) }, letter).join(''));
}

/** A rank below n with a density like 1/rank. */
function zipf(rng: Rng, n: number): number {
  return Math.min(n - 1, Math.floor(n ** rng.uniform()) - 1);
}
