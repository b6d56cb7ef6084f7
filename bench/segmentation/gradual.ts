/** Families in which two sources stand side by side for a while. */
import type { Rng } from '../../src/rng.ts';
import { between, FAR, labelOf, mixOf, only, other } from './draw.ts';
import type { Source } from './sources.ts';
import type { Family, Splice } from './splice.ts';

/** From so many passages on, a mixture is a domain of its own; a shorter one is a span between two domains. */
const MIXED_DOMAIN = 150;

export const GRADUAL: readonly Family[] = [
  {
    name: 'ramp',
    about: 'one domain passes into the next over 200 to 400 passages',
    streams: 4,
    build: (splice, rng) => {
      let source = FAR[rng.int(FAR.length)]!;
      splice.domain(source, between(rng, 600, 1200), only(source));
      for (let k = 0; k < 4; k++) {
        const [a, b] = [source, other(rng, FAR, source)];
        const count = between(rng, 200, 400);
        splice.span(count, (i) => (rng.uniform() < (i + 0.5) / count ? b : a)); // the part of b grows linearly
        source = b;
        splice.more(source, between(rng, 700, 1200), only(source));
      }
    },
  },
  {
    name: 'interleaved',
    about:
      'between A and B a stretch of both at random: 40 to 120 passages are a span (a boundary in it is right), 180 to 400 a domain of its own',
    streams: 4,
    build: (splice, rng) => {
      let source = FAR[rng.int(FAR.length)]!;
      splice.domain(source, between(rng, 600, 1200), only(source));
      for (let k = 0; k < 6; k++) {
        const next = other(rng, FAR, source);
        const count = k % 2 === 0 ? between(rng, 40, 120) : between(rng, 180, 400);
        interleave(splice, rng, [source, next], count);
        source = next;
        const after = between(rng, 600, 1000);
        if (count < MIXED_DOMAIN) splice.more(source, after, only(source));
        else splice.domain(source, after, only(source));
      }
    },
  },
  {
    name: 'mixed',
    about:
      'A for 500 to 900, B for 60 to 300, then A and B or B and C at random for 150 to 480, which is a domain; four times',
    streams: 6,
    build: (splice, rng) => {
      let c: Source = FAR[rng.int(FAR.length)]!;
      let b: Source = c;
      for (let k = 0; k < 4; k++) {
        const a = other(rng, FAR, b, c);
        b = other(rng, FAR, a);
        c = rng.int(2) === 0 ? a : other(rng, FAR, a, b);
        splice.domain(a, between(rng, 500, 900), only(a));
        splice.domain(b, between(rng, 60, 300), only(b));
        interleave(splice, rng, [b, c], between(rng, MIXED_DOMAIN, 480));
      }
      const last = other(rng, FAR, b, c);
      splice.domain(last, 600, only(last));
    },
  },
];

function interleave(splice: Splice, rng: Rng, sources: readonly Source[], count: number): void {
  if (count < MIXED_DOMAIN) splice.span(count, mixOf(rng, sources));
  else splice.domain(labelOf(sources), count, mixOf(rng, sources));
}
