/**
 * A moving average of the weights over the last steps: it does to the noise of the steps what a lower rate would do
 * (Izmailov et al. 2018, arXiv 1803.05407, there of equal weights).
 */
type Values = Readonly<Record<string, Float32Array>>;

/**
 * What the newest weights count: 1/step at first, so that all steps count the same and the start is soon forgotten,
 * later what halves a step's part in `halfLife` steps.
 * @param step of the average, counted from 1
 */
export function averageWeight(step: number, halfLife: number): number {
  return Math.max(1 - 0.5 ** (1 / halfLife), 1 / step);
}

/** Moves the average in place towards the weights of the same names. */
export function averageIn(average: Values, weights: Values, weight: number): void {
  for (const [name, mean] of Object.entries(average)) {
    const values = weights[name]!;
    for (let at = 0; at < mean.length; at++) mean[at] = mean[at]! + weight * (values[at]! - mean[at]!);
  }
}
