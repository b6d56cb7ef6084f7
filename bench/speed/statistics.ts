/** Medians, and ratios of what was measured side by side. */

/** @throws RangeError where there is no value */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('Nothing has no median.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * Median of the ratios of the rounds in which both were measured: what disturbs a round disturbs both of its
 * values. Where one was measured once, that value meets the other's median.
 * @returns null where there is nothing to compare
 */
export function ratio(own: readonly number[], other: readonly number[]): number | null {
  if (own.length === 0 || other.length === 0) return null;
  if (own.length !== other.length && Math.min(own.length, other.length) === 1)
    return median(own) / median(other);
  const rounds = Math.min(own.length, other.length);
  return median(own.slice(0, rounds).map((value, at) => value / other[at]!));
}
