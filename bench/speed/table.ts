/** The table of one size, out of what was measured. */
import { median, ratio } from './statistics.ts';

export interface Row {
  readonly id: string;
  readonly title: string;
  /** Tokens/s of each round, in order; a slow engine has one. */
  readonly speeds: readonly number[];
  /** 10⁹ operations per token. */
  readonly work: number;
  /** Seconds to the end of the first step. */
  readonly setUp?: number;
  /** GiB. */
  readonly memory?: number;
  /** Why there is nothing, or no more, to show. */
  readonly missing?: string;
}

const HEAD = [
  'engine',
  'tokens/s, median',
  'range',
  'GFLOP/s',
  'of the peak',
  '× compiled',
  '× PyTorch as it is',
  '× trimmed',
  'peak memory',
  'set-up',
];

/**
 * @param peak the machine's best GFLOP/s in fp32 matrix products, or null where it was not measured
 * @param references ids of the rows of the three columns of ratios
 */
export function table(rows: readonly Row[], peak: number | null, references: readonly string[]): string {
  const others = references.map((id) => rows.find((row) => row.id === id)?.speeds ?? []);
  const lines = rows.map((row) => {
    const { speeds, missing } = row;
    const cells = speeds.length === 0 ? HEAD.slice(2).map(() => '') : measured(row, peak, others);
    if (missing !== undefined) cells[0] = `${cells[0] ?? ''} (${missing})`.trim();
    const middle = speeds.length === 0 ? 'none' : shown(median(speeds));
    return [row.title, middle, ...cells];
  });
  return [HEAD, HEAD.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function measured(row: Row, peak: number | null, others: readonly (readonly number[])[]): string[] {
  const { speeds, work, memory, setUp } = row;
  const rate = median(speeds) * work;
  return [
    speeds.length === 1 ? 'one' : `${shown(Math.min(...speeds))} to ${shown(Math.max(...speeds))}`,
    shown(rate),
    peak === null ? '' : `${shown((100 * rate) / peak)} %`,
    ...others.map((other) => {
      const value = ratio(speeds, other);
      return value === null ? '' : value < 0.1 ? value.toPrecision(2) : value.toFixed(2);
    }),
    memory === undefined ? '' : `${memory.toFixed(2)} GiB`,
    setUp === undefined ? '' : `${setUp.toFixed(1)} s`,
  ];
}

/** Two figures at least. */
export function shown(value: number): string {
  if (value >= 10) return Math.round(value).toLocaleString('en');
  return value >= 1 ? value.toFixed(1) : value.toPrecision(2);
}
