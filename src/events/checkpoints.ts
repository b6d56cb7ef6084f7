/** What becomes of published checkpoints. */
import type { NeuronCounts } from './tasks.ts';

export interface CheckpointPublished {
  readonly event: 'CheckpointPublished';
  readonly lineage: string;
  readonly domain: string;
  readonly task: number;
  /** 40 hex digits. */
  readonly revision: string;
  readonly ref: string;
  readonly label?: string | null;
  readonly bytes: number;
  readonly seconds: number;
}

/** A domain was retired: whoever took its checkpoints should let go of them. */
export interface CheckpointWithdrawn {
  readonly event: 'CheckpointWithdrawn';
  readonly lineage: string;
  readonly domain: string;
  /** All its published versions, oldest first. */
  readonly revisions: readonly { readonly ref: string; readonly task: number; readonly revision: string }[];
  /** The revision that `main` points to now; null where no checkpoint is left. */
  readonly main: string | null;
  /** Neurons that only it kept: they are free again. */
  readonly reset: number;
  /** Neurons of it that stay, because other domains use them. */
  readonly kept: number;
  /** Those domains: in versions that came after its first, and in versions before it. */
  readonly later: readonly DomainUse[];
  readonly earlier: readonly DomainUse[];
  /** Of the lineage without it. */
  readonly neurons: NeuronCounts;
  /** Bytes that the state and the published lineage need less. */
  readonly bytes: number;
}

/** Neurons of one domain that another one uses. */
export interface DomainUse {
  readonly domain: string;
  readonly neurons: number;
}
