/** What the segmenter says. Indices are 0-based over the accepted passages in feed order. */

import type { Range } from './ranges.ts';

/** A known domain and how far off it is. */
export interface Neighbour {
  readonly domain: string;
  /** Cohen's d, cross-fitted. */
  readonly distance: number;
}

/**
 * Why a domain was closed: the text changed; its records name another one; a bound by passages, bytes, age or idle
 * time; too many names were held beside each other; the feed ended.
 */
export const CLOSE_REASONS = [
  'change',
  'explicit',
  'passages',
  'bytes',
  'age',
  'idle',
  'crowded',
  'end',
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

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
  /** Its passages: one range from `first` to `last`, or several where it came interleaved with other domains. */
  readonly ranges: readonly Range[];
  readonly reason: CloseReason;
  readonly detectedAt: number;
  /** The earlier domain that this one continues; `domain` then equals it. */
  readonly returnOf: string | null;
  /** Its most distinctive words; null where it has none. A domain that returns keeps its own. */
  readonly label: string | null;
  /** The nearest other known domains, nearest first, at most eight; empty where this one is too short to tell. */
  readonly nearest: readonly Neighbour[];
}

export type Verdict = DriftVerdict | ClosedVerdict;
