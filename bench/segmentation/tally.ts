/** Scores of one method, summed over streams. */
import {
  quantile,
  returnsAccuracy,
  scoreBoundaries,
  type TrueBoundary,
} from '../../src/measure/boundaries.ts';
import type { Segmented } from './segment.ts';
import type { Stream } from './splice.ts';

/** Passages between a true boundary and what counts as finding it; wide: what no longer is a false alarm. */
const TOLERANCE = 25;
const WIDE = 100;

export class Tally {
  streams = 0;
  passages = 0;
  private seconds = 0;
  private wanted = 0;
  private found = 0;
  private matched = 0;
  private matchedWide = 0;
  /** Beginnings and ends of mixtures, and how many of them were found. */
  private mixed = { wanted: 0, matched: 0 };
  private readonly delays: number[] = [];
  private readonly errors: number[] = [];
  private readonly returns: number[] = [];

  /** @param stream that was segmented, @param segmented what was found in it */
  count(stream: Stream, { found, closed, seconds }: Segmented): void {
    const score = scoreBoundaries(stream.truth, found, TOLERANCE);
    const wide = scoreBoundaries(stream.truth, found, WIDE);
    const mixed = boundariesOfMixtures(stream);
    this.streams++;
    this.passages += stream.texts.length;
    this.seconds += seconds;
    this.wanted += stream.truth.length;
    this.found += found.length;
    this.matched += score.matched;
    this.matchedWide += wide.matched;
    this.mixed.wanted += mixed.length;
    this.mixed.matched += scoreBoundaries(mixed, found, TOLERANCE).matched;
    this.delays.push(...wide.delays);
    this.errors.push(...wide.errors);
    if (closed.length > 0) this.returns.push(returnsAccuracy(stream.domains, closed));
  }

  add(other: Tally): void {
    for (const key of ['streams', 'passages'] as const) this[key] += other[key];
    for (const key of ['seconds', 'wanted', 'found', 'matched', 'matchedWide'] as const)
      this[key] += other[key];
    for (const key of ['wanted', 'matched'] as const) this.mixed[key] += other.mixed[key];
    for (const key of ['delays', 'errors', 'returns'] as const) this[key].push(...other[key]);
  }

  /** 1 where nothing was found. */
  get precision(): number {
    return this.found === 0 ? 1 : this.matched / this.found;
  }

  /** 1 where there was nothing to find. */
  get recall(): number {
    return this.wanted === 0 ? 1 : this.matched / this.wanted;
  }

  /** Of the beginnings and ends of mixtures; NaN where there are none. */
  get recallOfMixtures(): number {
    return this.mixed.matched / this.mixed.wanted;
  }

  get f1(): number {
    return this.f1Of(this.matched);
  }

  /** Found boundaries far from every true one. */
  get falseAlarms(): number {
    return this.found - this.matchedWide;
  }

  /** Per 10,000 passages. */
  get falseAlarmRate(): number {
    return (this.falseAlarms / this.passages) * 10_000;
  }

  cells(): string[] {
    const { wanted, found, passages } = this;
    const returns = this.returns.reduce((sum, value) => sum + value, 0) / this.returns.length;
    const ranks = [this.delays, this.errors].flatMap((all) => [quantile(all, 0.5), quantile(all, 0.95)]);
    return [
      ...[this.streams, passages, wanted, found].map(String),
      ...[this.precision, this.recall, this.f1, this.f1Of(this.matchedWide)].map((value) => shown(value, 3)),
      ...ranks.map((value) => shown(value, 0)),
      shown(this.falseAlarmRate, 2),
      shown(returns, 3),
      shown(passages / this.seconds, 0),
    ];
  }

  private f1Of(matched: number): number {
    const both = this.found + this.wanted;
    return both === 0 ? 1 : (2 * matched) / both;
  }
}

/** Heads of `cells`. */
export const CELLS = [
  'streams',
  'passages',
  'boundaries',
  'found',
  'precision',
  'recall',
  'F1 ±25',
  'F1 ±100',
  'median delay',
  '95th',
  'median error',
  '95th',
  'false alarms /10,000',
  'returns',
  'passages/s',
];

export function shown(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

function boundariesOfMixtures({ truth, domains }: Stream): TrueBoundary[] {
  const ends = domains.filter(({ label }) => label.includes('+')).flatMap((d) => [d.first, d.last + 1]);
  return truth.filter(({ from, to }) => from === to && ends.includes(from));
}
