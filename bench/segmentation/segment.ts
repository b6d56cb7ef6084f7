/** One stream through a segmenter: what it found, in the words that the scores are in. */
import { Segmenter, type SegmenterOptions, type Verdict } from '../../src/domains/index.ts';
import type { FoundBoundary, Labelled } from '../../src/measure/boundaries.ts';

export interface Segmented {
  readonly found: readonly FoundBoundary[];
  /** The closed domains; a method that gives them no ids has none. */
  readonly closed: readonly Labelled[];
  /** Of processor time. */
  readonly seconds: number;
}

export function segment(texts: readonly string[], options: Partial<SegmenterOptions>): Segmented {
  const segmenter = new Segmenter(options);
  const verdicts: Verdict[] = [];
  const began = process.cpuUsage().user;
  for (const text of texts) verdicts.push(...segmenter.push({ text }));
  verdicts.push(...segmenter.end());
  const seconds = (process.cpuUsage().user - began) / 1e6;
  const found: FoundBoundary[] = [];
  const closed: Labelled[] = [];
  for (const verdict of verdicts) {
    if (verdict.kind === 'drift') found.push({ at: verdict.boundary, detectedAt: verdict.detectedAt });
    else if (verdict.kind === 'closed') {
      closed.push({ first: verdict.first, last: verdict.last, label: verdict.domain });
    }
  }
  return { found, closed, seconds };
}
