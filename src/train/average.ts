/**
 * A moving average of the weights over the last steps: it does to the noise of the steps what a lower rate would do
 * (Izmailov et al. 2018, arXiv 1803.05407, there of equal weights).
 */
type Values = Readonly<Record<string, Float32Array>>;

/** Steps from one look at the weights to the next: often enough for the half-life, seldom enough to cost nothing. */
export function averageEvery(halfLife: number): number {
  return Math.max(1, Math.round(halfLife / 10));
}

/**
 * What the newest weights count: 1/look at first, so that all looks count the same and the start is soon forgotten,
 * later what halves the part of the old ones in `halfLife` steps.
 * @param look at the weights, counted from 1
 */
export function averageWeight(look: number, halfLife: number): number {
  return Math.max(1 - 0.5 ** (averageEvery(halfLife) / halfLife), 1 / look);
}

/** Moves the average in place towards the weights of the same names. */
export function averageIn(average: Values, weights: Values, weight: number): void {
  for (const [name, mean] of Object.entries(average)) {
    const values = weights[name]!;
    for (let at = 0; at < mean.length; at++) mean[at] = mean[at]! + weight * (values[at]! - mean[at]!);
  }
}
