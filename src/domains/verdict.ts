/** What the segmenter says. Indices are 0-based over the accepted passages in feed order. */

export interface DriftVerdict {
  readonly kind: 'drift';
  /** First passage of the new domain. */
  readonly boundary: number;
  /** Newest passage when it was decided. */
  readonly detectedAt: number;
  readonly statistic: number;
  readonly threshold: number;
}

export interface ClosedVerdict {
  readonly kind: 'closed';
  readonly domain: string;
  readonly first: number;
  /** Inclusive. */
  readonly last: number;
  readonly detectedAt: number;
  /** The earlier domain that this one continues; `domain` then equals it. */
  readonly returnOf: string | null;
}

export type Verdict = DriftVerdict | ClosedVerdict;
