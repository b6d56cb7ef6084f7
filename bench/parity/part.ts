/** What every comparison of this folder hands out: a table, and whether its limits hold. */

export const LIMIT = 1e-4;

export interface Part {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Sentences before the table. */
  readonly notes: readonly string[];
  /** What is not as it must be, one sentence each. */
  readonly missed: readonly string[];
}

/** Part as Markdown. */
export function shown({ head, rows, notes, missed }: Part): string {
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const wrong = missed.map((sentence) => `- **${sentence}**`).join('\n');
  return [notes.join('\n'), table, wrong].filter((block) => block !== '').join('\n\n');
}

/**
 * The largest difference, as a share of the largest value expected: an element close to zero is as exact as its
 * neighbours let it be.
 */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [furthest, largest] = [0, 0];
  for (let at = 0; at < expected.length; at++) {
    const off = Math.abs(actual[at]! - expected[at]!);
    if (Number.isNaN(off)) return Number.POSITIVE_INFINITY;
    furthest = Math.max(furthest, off);
    largest = Math.max(largest, Math.abs(expected[at]!));
  }
  return furthest === 0 ? 0 : furthest / largest;
}

/** As a table has it: `1.2e-6`. */
export function small(value: number): string {
  return value === 0 ? '0' : value.toExponential(1);
}
