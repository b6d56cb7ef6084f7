import { map, type OperatorFunction } from 'rxjs';
import type { Passage } from './accept-records.ts';

/** Lets the segmenter see every passage of a batch, in order, and adds its verdicts. */
export function segmentPassages<A extends { readonly passages: readonly Passage[] }, V>(
  push: (passage: Passage) => readonly V[],
): OperatorFunction<A, A & { readonly verdicts: readonly V[] }> {
  return map((accepted) => ({ ...accepted, verdicts: accepted.passages.flatMap(push) }));
}
