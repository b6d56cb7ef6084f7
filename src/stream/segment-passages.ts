import { map, type OperatorFunction } from 'rxjs';
import type { Passage } from './accept-records.ts';

export interface Drift {
  readonly kind: 'drift';
  readonly boundary: number;
  readonly detectedAt: number;
  readonly statistic: number;
  readonly threshold: number;
}

export interface Closed {
  readonly kind: 'closed';
  readonly domain: string;
  readonly first: number;
  readonly last: number;
  readonly detectedAt: number;
  readonly returnOf: string | null;
}

export type Verdict = Drift | Closed;

/** Lets the segmenter see every passage of a batch, in order, and adds its verdicts. */
export function segmentPassages<A extends { readonly passages: readonly Passage[] }>(
  push: (passage: Passage) => readonly Verdict[],
): OperatorFunction<A, A & { readonly verdicts: readonly Verdict[] }> {
  return map((accepted) => ({
    ...accepted,
    verdicts: accepted.passages.flatMap((passage) => [...push(passage)]),
  }));
}
