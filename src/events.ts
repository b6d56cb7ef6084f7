/**
 * What the rooms say to each other and to the outside. Only `edge/` turns an event into a metric, a Kafka
 * message or a line of output. Losses are masked-LM losses in nats per masked token; times are in seconds;
 * indices are 0-based over the accepted passages of the lineage in feed order.
 */
import type { DeadLetterReason } from './errors.ts';

export interface PassagesRead {
  readonly event: 'PassagesRead';
  readonly lineage: string;
  readonly accepted: number;
  readonly bytes: number;
  /** Passages known to wait in the feed, or null where the feed cannot tell. */
  readonly lag: number | null;
}

export interface DeadLetter {
  readonly event: 'DeadLetter';
  readonly lineage: string;
  readonly reason: DeadLetterReason;
  /** Where the record stands in its feed, for example `reviews.jsonl:12`. */
  readonly position: string;
}

export interface DriftMeasured {
  readonly event: 'DriftMeasured';
  readonly lineage: string;
  readonly statistic: number;
  readonly threshold: number;
  readonly openPassages: number;
  /** Distance of the open domain from known ones, nearest first, few. */
  readonly distances: readonly { readonly domain: string; readonly distance: number }[];
}

export interface DriftDetected {
  readonly event: 'DriftDetected';
  readonly lineage: string;
  readonly boundary: number;
  readonly detectedAt: number;
  readonly statistic: number;
  readonly threshold: number;
}

export interface DomainClosed {
  readonly event: 'DomainClosed';
  readonly lineage: string;
  readonly domain: string;
  readonly first: number;
  readonly last: number;
  readonly detectedAt: number;
  readonly returnOf: string | null;
}

export interface BackpressureApplied {
  readonly event: 'BackpressureApplied';
  readonly lineage: string;
  readonly seconds: number;
}

/** A base model is on its way from a hub; told a few times a second. */
export interface BaseFetching {
  readonly event: 'BaseFetching';
  readonly lineage: string;
  /** As it was named: `org/name@revision`. */
  readonly base: string;
  readonly file: string;
  /** Of all files of the base, what was in the cache before included. */
  readonly bytes: number;
  readonly total: number;
}

/** A base model from a hub stands in the cache. */
export interface BaseReady {
  readonly event: 'BaseReady';
  readonly lineage: string;
  readonly base: string;
  /** What the named revision is: 40 hex digits. */
  readonly commit: string;
  /** Bytes that had to be fetched; 0 where all was in the cache. */
  readonly fetched: number;
  /** Whether the lineage is bound to this commit, whatever its revision names by now. */
  readonly pinned: boolean;
  /** Why the hub was passed over, or null. */
  readonly note: string | null;
}

/** The trainer process is up; `provider` is what executes the compiled graphs. */
export interface TrainerStarted {
  readonly event: 'TrainerStarted';
  readonly lineage: string;
  readonly provider: string;
  /** Why a preferred provider was not used; empty when none was passed over. */
  readonly fallbacks: readonly string[];
}

export interface TaskStarted {
  readonly event: 'TaskStarted';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly passages: number;
}

export interface TaskProgress {
  readonly event: 'TaskProgress';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly step: number;
  readonly steps: number;
  /** Tokens trained on since the last progress event of this task. */
  readonly tokens: number;
  readonly loss: number;
}

/** Held-out masked-LM loss of one earlier domain, as this task left it. */
export interface DomainLoss {
  readonly domain: string;
  /** Loss of the untouched base model. */
  readonly base: number;
  /** Loss of the domain's own published checkpoint, when it was published. */
  readonly published: number;
  /** Loss of the same checkpoint measured again now; equal to `published` when nothing was forgotten. */
  readonly own: number;
  /** Loss under the newest domain's checkpoint. */
  readonly current: number;
}

export interface NeuronCounts {
  readonly free: number;
  readonly claimed: number;
  /** Claimed by more than one domain (also counted under `claimed`). */
  readonly shared: number;
}

/** The trainer was started again and goes on behind the last step that it saved. */
export interface TaskResumed {
  readonly event: 'TaskResumed';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  /** The step that was saved. */
  readonly step: number;
  readonly steps: number;
}

/** The trainer process, as it is while it works on a task. */
export interface TrainerMeasured {
  readonly event: 'TrainerMeasured';
  readonly lineage: string;
  /** Resident memory, bytes. */
  readonly memory: number;
  /** Blocks in one pass of a step. */
  readonly microBatch: number;
}

/** Something failed that the task does not need: it goes on. */
export interface TrainerWarned {
  readonly event: 'TrainerWarned';
  readonly lineage: string;
  readonly code: string;
  readonly message: string;
}

export interface TaskTrained {
  readonly event: 'TaskTrained';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly passages: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly provider: string;
  /** Blocks in one pass of a step; the whole batch where it fits. */
  readonly microBatch: number;
  readonly losses: readonly DomainLoss[];
  readonly neurons: NeuronCounts;
  /** Loss of the base less that of the newest earlier checkpoint on this domain, before it was trained; null on the first. */
  readonly forwardTransfer: number | null;
  /** Mean over the earlier domains of published less own loss: 0 while nothing is forgotten; null on the first. */
  readonly backwardTransfer: number | null;
  /** True when every earlier domain's neurons and probe logits hash as when published. */
  readonly proved: boolean;
}

export interface TaskFailed {
  readonly event: 'TaskFailed';
  readonly lineage: string;
  readonly task: number;
  readonly domain: string;
  readonly code: string;
  readonly message: string;
  readonly willRetry: boolean;
}

export interface CheckpointPublished {
  readonly event: 'CheckpointPublished';
  readonly lineage: string;
  readonly domain: string;
  readonly task: number;
  /** 40 hex digits. */
  readonly revision: string;
  readonly ref: string;
  readonly bytes: number;
  readonly seconds: number;
}

export type CptEvent =
  | PassagesRead
  | DeadLetter
  | DriftMeasured
  | DriftDetected
  | DomainClosed
  | BackpressureApplied
  | BaseFetching
  | BaseReady
  | TrainerStarted
  | TaskStarted
  | TaskProgress
  | TaskResumed
  | TrainerMeasured
  | TrainerWarned
  | TaskTrained
  | TaskFailed
  | CheckpointPublished;
