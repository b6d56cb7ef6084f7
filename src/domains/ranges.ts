/** Passages as ascending, separate ranges of indices, both ends inclusive. */

export type Range = readonly [first: number, last: number];

/** The ranges of both; no index is in both of them. Ranges that touch become one. */
export function joinRanges(a: readonly Range[], b: readonly Range[]): Range[] {
  const joined: Range[] = [];
  for (const [first, last] of [...a, ...b].sort(([x], [y]) => x - y)) {
    const before = joined.at(-1);
    if (before !== undefined && before[1] + 1 === first) joined[joined.length - 1] = [before[0], last];
    else joined.push([first, last]);
  }
  return joined;
}

/** The ranges of ascending indices. */
export function rangesOf(indices: readonly number[]): Range[] {
  const ranges: [number, number][] = [];
  for (const index of indices) {
    const open = ranges.at(-1);
    if (open !== undefined && open[1] + 1 === index) open[1] = index;
    else ranges.push([index, index]);
  }
  return ranges;
}

export function indicesOf(ranges: readonly Range[]): number[] {
  return ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));
}

export function countOf(ranges: readonly Range[]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}
