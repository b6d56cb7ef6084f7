/** A stream spliced from real passages, with what is true of it. Each stream deals its passages once, from one seed. */
import type { Labelled, TrueBoundary } from '../../src/measure/boundaries.ts';
import type { Rng } from '../../src/rng.ts';
import { Dealer, type Pools, type Source } from './sources.ts';

export interface Stream {
  readonly texts: readonly string[];
  readonly truth: readonly TrueBoundary[];
  readonly domains: readonly Labelled[];
}

export interface Family {
  readonly name: string;
  readonly about: string;
  readonly streams: number;
  /** Fills the k-th stream of the family, `k` from 0. */
  readonly build: (splice: Splice, rng: Rng, k: number) => void;
}

/** Where the i-th passage of a part comes from. */
export type From = (i: number) => Source;
export type Cut = (text: string) => string;

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
  domain(label: string, count: number, from: From, cut?: Cut): void {
    this.boundary();
    this.more(label, count, from, cut);
  }

  /** A domain of `count` passages of one source, put in an order (or written on) by `arrange`. */
  arranged(source: Source, count: number, arrange: (texts: readonly string[]) => readonly string[]): void {
    this.boundary();
    this.append(source, arrange(this.dealer.deals(count, () => source)));
  }

  /** Passages that continue what came before, without a boundary. */
  more(label: string, count: number, from: From, cut?: Cut): void {
    this.append(label, this.dealer.deals(count, from, cut));
  }

  /** A passage of one domain into the next, of `count` passages: a boundary anywhere in it is right. */
  span(count: number, from: From): void {
    const first = this.texts.length;
    this.texts.push(...this.dealer.deals(count, from));
    this.truth.push({ from: first, to: this.texts.length });
  }

  private boundary(): void {
    const index = this.texts.length;
    if (index > 0) this.truth.push({ from: index, to: index });
  }

  private append(label: string, texts: readonly string[]): void {
    const first = this.texts.length;
    for (const text of texts) this.texts.push(text);
    this.domains.push({ first, last: this.texts.length - 1, label });
  }
}

/** The k-th stream of a family: equal for equal seeds, whatever else is built. */
export function streamOf(family: Family, pools: Pools, seed: Rng, k: number): Stream {
  const rng = seed.fork(family.name).fork(k);
  const splice = new Splice(pools, rng.fork('deal'));
  family.build(splice, rng.fork('build'), k);
  return splice;
}
