import { concatMap, type OperatorFunction } from 'rxjs';
import type { Features } from '../domains/index.ts';
import type { Passage } from './accept-records.ts';

/** Gives the passages of a batch the features that `make` has for their texts; where it has none they stay as they are. */
export function addFeatures<A extends { readonly passages: readonly Passage[] }>(
  make: (texts: readonly string[]) => Promise<readonly Features[] | null>,
): OperatorFunction<A, A> {
  return concatMap(async (accepted) => {
    const features = await make(accepted.passages.map(({ text }) => text));
    if (features === null) return accepted;
    const passages = accepted.passages.map((passage, at) => ({ ...passage, features: features[at]! }));
    return { ...accepted, passages };
  });
}
