/** What results.md says about one size. */
import type { Measured, Peak } from './rounds.ts';
import type { Size } from './sizes.ts';
import { median } from './statistics.ts';
import { shown, table } from './table.ts';

export interface Circumstances {
  readonly rounds: number;
  readonly size: Size;
  /** Machine, threads, load. */
  readonly where: string;
  /** Ids of the rows that the others are compared with. */
  readonly references: readonly string[];
}

export function section(
  { work, rows, shapes, peaks }: Measured,
  { rounds, size, where, references }: Circumstances,
): string {
  const best = bestOfRounds(peaks);
  const peak = best.length === 0 ? null : median(best);
  const tops =
    peak === null
      ? 'The peak was not measured.'
      : `The peak is ${shown(peak)} GFLOP/s, the best fp32 product of a round (median; ${shown(Math.min(...best))} to ${shown(Math.max(...best))}).`;
  return [
    `${where}; ${rounds} rounds, medians of their ratios. A step is ${shown(work)} GFLOP. ${tops}`,
    `tfjs \`cpu\`: one step of ${size.tiny.batch}×${size.tiny.length}.`,
    '',
    table(rows, peak, references),
    '',
    'Matrix products alone, fp32, GFLOP/s (rows × inner × columns; median of the rounds):',
    '',
    products(shapes, peaks),
  ].join('\n');
}

/** The best product of each round, over shapes and libraries. */
function bestOfRounds(peaks: readonly Peak[]): number[] {
  const rounds = Math.max(0, ...peaks.map((peak) => peak.rounds.length));
  return Array.from({ length: rounds }, (_, round) =>
    Math.max(...peaks.flatMap((peak) => peak.rounds[round] ?? [])),
  );
}

function products(shapes: readonly (readonly number[])[], peaks: readonly Peak[]): string {
  const cell = (peak: Peak, at: number) => {
    const values = peak.rounds.map((round) => round[at]!);
    return values.length === 0 ? `none (${peak.missing ?? 'no round'})` : shown(median(values));
  };
  const lines = [
    ['product', ...peaks.map(({ library }) => library)],
    ['---', ...peaks.map(() => '---')],
    ...shapes.map((shape, at) => [shape.join('×'), ...peaks.map((peak) => cell(peak, at))]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
