/** Families of spliced streams: what a feed may do. Each stream deals its passages once, from one seed. */

import type { Labelled, TrueBoundary } from '../../src/measure/boundaries.ts';
import type { Rng } from '../../src/rng.ts';
import { Dealer, type Pools, SECTIONS, type Source } from './sources.ts';

export interface Stream {
  readonly texts: readonly string[];
  readonly truth: readonly TrueBoundary[];
  readonly domains: readonly Labelled[];
}

export interface Family {
  readonly name: string;
  readonly about: string;
  readonly streams: number;
  readonly build: (splice: Splice, rng: Rng) => void;
}

/** A stream in the making. */
export class Splice implements Stream {
  readonly texts: string[] = [];
  readonly truth: TrueBoundary[] = [];
  readonly domains: Labelled[] = [];
  private readonly dealer: Dealer;

  constructor(pools: Pools, rng: Rng) {
    this.dealer = new Dealer(pools, rng);
  }

  /** A domain of `count` passages: `from` says where each comes from, `cut` what becomes of its text. */
  domain(label: string, count: number, from: (i: number) => Source, cut = (text: string) => text): void {
    if (this.texts.length > 0) this.truth.push({ from: this.texts.length, to: this.texts.length });
    this.more(label, count, from, cut);
  }

  /** Goes over from `a` to `b`: the part of b grows linearly over `count` passages. */
  ramp(a: Source, b: Source, count: number, rng: Rng): void {
    const from = this.texts.length;
    for (let i = 0; i < count; i++) {
      this.texts.push(this.dealer.deal(rng.uniform() < (i + 0.5) / count ? b : a));
    }
    this.truth.push({ from, to: this.texts.length });
  }

  /** Passages that continue what came before, without a boundary. */
  more(label: string, count: number, from: (i: number) => Source, cut = (text: string) => text): void {
    const first = this.texts.length;
    for (let i = 0; i < count; i++) this.texts.push(cut(this.dealer.deal(from(i))));
    this.domains.push({ first, last: this.texts.length - 1, label });
  }
}

const FAR: readonly Source[] = ['restaurants', 'ai', 'news', 'wikipedia', 'novels', 'textbooks'];
const NEAR: readonly (readonly [Source, Source])[] = [
  ['ai', 'acl'],
  ['wikipedia', 'textbooks'],
  ['world', 'business'],
];

export const FAMILIES: readonly Family[] = [
  {
    name: 'splice',
    about: 'restaurants, AI abstracts, news, 2,000 each',
    streams: 1,
    build: (splice) => {
      for (const source of ['restaurants', 'ai', 'news'] as const) splice.domain(source, 2000, () => source);
    },
  },
  {
    name: 'abrupt',
    about: 'far domains of 300 to 1,500 passages',
    streams: 3,
    build: (splice, rng) => walk(splice, rng, FAR, 9, 300, 1500),
  },
  {
    name: 'near',
    about: 'AI and ACL abstracts, encyclopedia and textbooks, world and business news, 400 to 900 in turn',
    streams: 3,
    build: (splice, rng) => {
      const pair = NEAR[rng.int(NEAR.length)]!;
      for (let k = 0; k < 6; k++) splice.domain(pair[k % 2]!, between(rng, 300, 650), () => pair[k % 2]!);
    },
  },
  {
    name: 'stationary',
    about: '20,000 passages of one kind',
    streams: 2,
    build: (splice, rng) => {
      const source = rng.shuffle(['restaurants', 'novels'] as Source[])[0]!;
      splice.domain(source, 20_000, () => source);
    },
  },
  {
    name: 'heterogeneous',
    about: 'four kinds shuffled, 4,000, then the same in other parts or other four',
    streams: 2,
    build: (splice, rng) => {
      for (let k = 0; k < 3; k++) {
        const mix = rng.shuffle([...FAR]).slice(0, 4);
        splice.domain(mix.toSorted().join('+'), 3000, () => mix[rng.int(4)]!);
      }
    },
  },
  {
    name: 'correlated',
    about: 'news in runs of 5 to 15 of one section, 6,000, then AI abstracts',
    streams: 2,
    build: (splice, rng) => {
      splice.domain('news', 6000, runs(rng, SECTIONS, 5, 15));
      splice.domain('ai', 1500, () => 'ai');
    },
  },
  {
    name: 'events',
    about: 'the same in runs of 20 to 60, longer than a burst: a known limit',
    streams: 2,
    build: (splice, rng) => {
      splice.domain('news', 6000, runs(rng, SECTIONS, 20, 60));
      splice.domain('ai', 1500, () => 'ai');
    },
  },
  {
    name: 'ramp',
    about: 'one domain passes into the next over 100 to 400 passages',
    streams: 3,
    build: (splice, rng) => {
      let source = FAR[rng.int(FAR.length)]!;
      splice.domain(source, between(rng, 600, 1200), () => source);
      for (let k = 0; k < 4; k++) {
        const next = other(rng, FAR, source);
        splice.ramp(source, next, between(rng, 100, 400), rng);
        source = next;
        splice.more(source, between(rng, 700, 1200), () => source);
      }
    },
  },
  {
    name: 'bursts',
    about: 'every 200 to 500 passages 5 to 20 strangers, which are no domain',
    streams: 3,
    build: (splice, rng) => {
      const source = FAR[rng.int(FAR.length)]!;
      const stranger = other(rng, FAR, source);
      splice.domain(source, 300, () => source);
      for (let k = 0; k < 12; k++) {
        splice.more(source, between(rng, 5, 20), () => stranger);
        splice.more(source, between(rng, 200, 500), () => source);
      }
    },
  },
  {
    name: 'returning',
    about: 'A B A C B A, 400 to 1,000 each',
    streams: 4,
    build: (splice, rng) => {
      const [a, b, c] = rng.shuffle([...FAR]) as [Source, Source, Source];
      for (const source of [a, b, a, c, b, a]) splice.domain(source, between(rng, 400, 1000), () => source);
    },
  },
  {
    name: 'short',
    about: 'domains of 120 to 250 passages',
    streams: 4,
    build: (splice, rng) => walk(splice, rng, FAR, 14, 120, 250),
  },
  {
    name: 'medium',
    about: 'domains of 250 to 350 passages, sections of the news among them',
    streams: 4,
    build: (splice, rng) => walk(splice, rng, [...FAR, 'sports', 'business'], 12, 250, 350),
  },
  {
    name: 'headlines',
    about: 'the first 6 to 12 words of far and near domains, 300 to 900',
    streams: 3,
    build: (splice, rng) => {
      const cut = (text: string): string =>
        text
          .split(/\s+/)
          .slice(0, between(rng, 6, 12))
          .join(' ');
      walk(splice, rng, ['restaurants', 'ai', 'wikipedia', ...SECTIONS], 8, 300, 900, cut);
    },
  },
];

/** `count` domains, none beside itself. */
function walk(
  splice: Splice,
  rng: Rng,
  sources: readonly Source[],
  count: number,
  least: number,
  most: number,
  cut?: (text: string) => string,
): void {
  let source = sources[rng.int(sources.length)]!;
  for (let k = 0; k < count; k++) {
    const own = source;
    splice.domain(own, between(rng, least, most), () => own, cut);
    source = other(rng, sources, own);
  }
}

/** Sources in runs of `least` to `most` passages. */
function runs(rng: Rng, sources: readonly Source[], least: number, most: number): () => Source {
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

function between(rng: Rng, least: number, most: number): number {
  return least + rng.int(most - least + 1);
}

function other(rng: Rng, sources: readonly Source[], than: Source): Source {
  const others = sources.filter((source) => source !== than);
  return others[rng.int(others.length)]!;
}
