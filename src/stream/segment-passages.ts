import { concatMap, type OperatorFunction } from 'rxjs';
import type { Passage } from './accept-records.ts';

/** Passages in a row. */
const IN_A_ROW = 250;

/**
 * Lets the segmenter see every passage of a batch, in order, and adds its verdicts.
 * @param turn awaited between rows of 250, so that heartbeats, timers and requests have theirs
 */
export function segmentPassages<A extends { readonly passages: readonly Passage[] }, V>(
  push: (passage: Passage) => readonly V[],
  turn: () => Promise<void>,
): OperatorFunction<A, A & { readonly verdicts: readonly V[] }> {
  return concatMap(async (accepted) => {
    const verdicts: V[] = [];
    for (const [at, passage] of accepted.passages.entries()) {
      if (at > 0 && at % IN_A_ROW === 0) await turn();
      verdicts.push(...push(passage));
    }
    return { ...accepted, verdicts };
  });
}
