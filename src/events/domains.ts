/** What the segmenter says. Indices are 0-based over the accepted passages of the lineage in feed order. */

import type { Range } from '../domains/ranges.ts';
import type { CloseReason } from '../domains/verdict.ts';

export interface DriftMeasured {
  readonly event: 'DriftMeasured';
  readonly lineage: string;
  readonly statistic: number;
  readonly threshold: number;
  readonly openPassages: number;
  /** Domains of which short runs are held until they can be closed, and the passages of these. */
  readonly heldDomains: number;
  readonly heldPassages: number;
  /** Distance of the open domain from known ones, nearest first, few. */
  readonly distances: readonly { readonly domain: string; readonly distance: number }[];
}

/** How the open domain's newest text fits the base's tokenizer, on a sample of it; see `measure/vocabulary.ts`. */
export interface OpenTextMeasured {
  readonly event: 'OpenTextMeasured';
  readonly lineage: string;
  readonly openPassages: number;
  /** Passages in the sample. */
  readonly sampled: number;
  /** UTF-8 bytes per token; null for a text without tokens. */
  readonly bytesPerToken: number | null;
  /** Share of its words that are not one known token; null for a text without words. */
  readonly outOfVocabulary: number | null;
}

export interface DriftDetected {
  readonly event: 'DriftDetected';
  readonly lineage: string;
  readonly boundary: number;
  readonly detectedAt: number;
  readonly statistic: number;
  readonly threshold: number;
}

/** A closed domain went together with the task of its name that was waiting already. */
export interface DomainJoined {
  readonly event: 'DomainJoined';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  /** Of the task, now. */
  readonly passages: number;
  /** Passages that fell out of the sample which a task beyond its bounds is; nothing trains on them. */
  readonly sampledOut: number;
}

export interface DomainClosed {
  readonly event: 'DomainClosed';
  readonly lineage: string;
  readonly domain: string;
  readonly first: number;
  readonly last: number;
  readonly detectedAt: number;
  readonly returnOf: string | null;
  /** Its most distinctive words: `food, service, place`. Null: it has none; absent: an earlier version told it. */
  readonly label?: string | null;
  readonly reason: CloseReason;
  /** Where it came interleaved with others: its passages. Absent: all from `first` to `last`. */
  readonly ranges?: readonly Range[];
}
