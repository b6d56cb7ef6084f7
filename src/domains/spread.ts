/** How much passages of one half of the reference vary along a direction. */
import type { Half } from './reference.ts';
import { dotSparse } from './vectors.ts';

/** Along each of three directions, in one pass over the reservoir. @param directions `[3 · bucket + k]` of the k-th */
export function spreadsAlong(directions: Float64Array, { reservoir }: Half): [number, number, number] {
  let sum0 = 0;
  let sum1 = 0;
  let sum2 = 0;
  let squares0 = 0;
  let squares1 = 0;
  let squares2 = 0;
  for (const { bucket, value } of reservoir) {
    let along0 = 0;
    let along1 = 0;
    let along2 = 0;
    for (let k = 0; k < bucket.length; k++) {
      const at = 3 * bucket[k]!;
      const x = value[k]!;
      along0 += x * directions[at]!;
      along1 += x * directions[at + 1]!;
      along2 += x * directions[at + 2]!;
    }
    sum0 += along0;
    sum1 += along1;
    sum2 += along2;
    squares0 += along0 * along0;
    squares1 += along1 * along1;
    squares2 += along2 * along2;
  }
  const n = reservoir.length;
  return [deviation(n, sum0, squares0), deviation(n, sum1, squares1), deviation(n, sum2, squares2)];
}

/** Standard deviation (n − 1) of the reservoir's passages along a direction. */
export function spreadAlong(direction: Float64Array, half: Half): number {
  let sum = 0;
  let squares = 0;
  const n = half.reservoir.length;
  for (const features of half.reservoir) {
    const along = dotSparse(features, direction);
    sum += along;
    squares += along * along;
  }
  return deviation(n, sum, squares);
}

function deviation(n: number, sum: number, squares: number): number {
  return n > 1 ? Math.sqrt(Math.max(0, squares - (sum * sum) / n) / (n - 1)) : 0;
}
