/** Families in which little or nothing changes, and nothing else may be reported. */
import type { Rng } from '../../src/rng.ts';
import { between, FAR, labelOf, mixOf, only, other, runs } from './draw.ts';
import { inEvents, type Lengths, withEchoes } from './events.ts';
import { SECTIONS, type Source } from './sources.ts';
import type { Family, Splice } from './splice.ts';

/** Large pools, each with how many passages a stream of it has. */
const STATIONARY: readonly (readonly [Source, number])[] = [
  ['restaurants', 20_000],
  ['novels', 20_000],
  ['encyclopedia', 60_000],
];
const LOCAL: readonly Source[] = ['news', 'restaurants', 'wikipedia', 'ai'];
const UNEVEN = [3, 4, 3, 2, 2];
const EVENT: Lengths = [3, 30];

export const STEADY: readonly Family[] = [
  {
    name: 'stationary',
    about: '20,000 restaurant reviews; 20,000 passages of novels; 60,000 of the encyclopedia',
    streams: STATIONARY.length,
    build: (splice, _rng, k) => {
      const [source, count] = STATIONARY[k]!;
      splice.domain(source, count, only(source));
    },
  },
  {
    name: 'heterogeneous',
    about: 'four kinds shuffled, 3,000, then another four, and again',
    streams: 2,
    build: (splice, rng) => {
      let mix: Source[] = [];
      for (let k = 0; k < 3; k++) {
        const before = labelOf(mix);
        while (labelOf(mix) === before) mix = rng.shuffle([...FAR]).slice(0, 4);
        splice.domain(labelOf(mix), 3000, mixOf(rng, mix));
      }
    },
  },
  {
    name: 'heterogeneous-long',
    about: 'five kinds shuffled in unequal parts, 25,000',
    streams: 2,
    build: (splice, rng) => {
      const kinds: Source[] = ['restaurants', 'novels', 'news', 'ai', 'acl'];
      const parts: Source[] = ['encyclopedia', ...rng.shuffle(kinds).slice(0, 4)];
      const mix = parts.flatMap((source, i) => Array<Source>(UNEVEN[i]!).fill(source));
      splice.domain(labelOf(parts), 25_000, mixOf(rng, mix));
    },
  },
  {
    name: 'correlated',
    about: 'news in runs of 5 to 15 of one section, 6,000, then AI abstracts',
    streams: 2,
    build: (splice, rng) => bySection(splice, rng, [5, 15]),
  },
  {
    name: 'neighbours',
    about:
      'one source in runs of 3 to 30 passages that share rare words, 8,000, then another source so, 1,500',
    streams: LOCAL.length,
    build: (splice, rng, k) => locally(splice, rng, k, inEvents),
  },
  {
    name: 'echoes',
    about:
      'the same in random order; most of 3 to 6 rare words of each run’s first passage are added to the others',
    streams: LOCAL.length,
    build: (splice, rng, k) => locally(splice, rng, k, withEchoes),
  },
  {
    name: 'bursts',
    about: 'every 200 to 500 passages 5 to 20 strangers, which are no domain; another source at the end',
    streams: 3,
    build: (splice, rng) => {
      const source = FAR[rng.int(FAR.length)]!;
      const stranger = other(rng, FAR, source);
      splice.domain(source, 300, only(source));
      for (let k = 0; k < 12; k++) {
        splice.more(source, between(rng, 5, 20), only(stranger));
        splice.more(source, between(rng, 200, 500), only(source));
      }
      const last = other(rng, FAR, source, stranger);
      splice.domain(last, 500, only(last));
    },
  },
  {
    name: 'events',
    about: 'news in runs of 20 to 60 of one section, longer than a burst: a known limit; then AI abstracts',
    streams: 2,
    build: (splice, rng) => bySection(splice, rng, [20, 60]),
  },
];

function bySection(splice: Splice, rng: Rng, lengths: Lengths): void {
  splice.domain('news', 6000, runs(rng, SECTIONS, ...lengths));
  splice.domain('ai', 1500, only('ai'));
}

type Arrange = (texts: readonly string[], rng: Rng, lengths: Lengths) => readonly string[];

function locally(splice: Splice, rng: Rng, k: number, arrange: Arrange): void {
  const source = LOCAL[k]!;
  splice.arranged(source, 8000, (texts) => arrange(texts, rng, EVENT));
  splice.arranged(other(rng, LOCAL, source), 1500, (texts) => arrange(texts, rng, EVENT));
}
