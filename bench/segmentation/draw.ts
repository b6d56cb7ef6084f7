/** Random choices that families share. */
import type { Rng } from '../../src/rng.ts';
import type { Source } from './sources.ts';
import type { Cut, From, Splice } from './splice.ts';

/** Sources of which any two are far apart. */
export const FAR: readonly Source[] = ['restaurants', 'ai', 'news', 'wikipedia', 'novels', 'textbooks'];

/** A whole number, both ends included. */
export function between(rng: Rng, least: number, most: number): number {
  return least + rng.int(most - least + 1);
}

export function other(rng: Rng, sources: readonly Source[], ...than: readonly Source[]): Source {
  const others = sources.filter((source) => !than.includes(source));
  return others[rng.int(others.length)]!;
}

export function only(source: Source): From {
  return () => source;
}

/** One of the sources, each with equal chance. */
export function mixOf(rng: Rng, sources: readonly Source[]): From {
  return () => sources[rng.int(sources.length)]!;
}

/** The same mixture has the same label in whatever order its sources are named. */
export function labelOf(sources: readonly Source[]): string {
  return sources.toSorted().join('+');
}

/** `count` domains, none beside itself. */
export function walk(
  splice: Splice,
  rng: Rng,
  sources: readonly Source[],
  count: number,
  [least, most]: readonly [number, number],
  cut?: Cut,
): void {
  let source = sources[rng.int(sources.length)]!;
  for (let k = 0; k < count; k++) {
    splice.domain(source, between(rng, least, most), only(source), cut);
    source = other(rng, sources, source);
  }
}

/** Sources in runs of `least` to `most` passages, none beside itself. */
export function runs(rng: Rng, sources: readonly Source[], least: number, most: number): From {
  let left = 0;
  let source = sources[0]!;
  return () => {
    if (left-- <= 0) {
      source = other(rng, sources, source);
      left = between(rng, least, most) - 1;
    }
    return source;
  };
}
