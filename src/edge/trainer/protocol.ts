/** What the pipeline and its trainer process say to each other. */
import type { CptEvent } from '../../events.ts';
import type { TaskOptions } from '../../train/options.ts';
import type { TrainerOptions } from './options.ts';
import type { Ahead } from './vigil.ts';

/** How a trainer is set up; one per run. */
export interface TrainerSetup {
  readonly lineage: string;
  /** Folder of the base model. */
  readonly base: string;
  /** The base as a person named it. */
  readonly baseName: string;
  /** Folder of the lineage's state, private to the trainer. */
  readonly folder: string;
  /** Where lineages are published. */
  readonly out: string;
  readonly options: TaskOptions;
  readonly trainer: TrainerOptions;
  readonly version: string;
}

export interface TrainerJob {
  /** Counted from 1 over the lineage. */
  readonly task: number;
  readonly domain: string;
  readonly texts: readonly string[];
  /** Ids of the domains nearest to this one, nearest first. */
  readonly near: readonly string[];
  /** The domain's, for a person. */
  readonly label?: string | null;
  readonly signatures: unknown;
}

/** Losses that are wanted of a sample of the open domain. */
export interface OpenSample {
  /** Tasks trained when it was taken: the last one's checkpoint was the newest. */
  readonly task: number;
  readonly openPassages: number;
  readonly texts: readonly string[];
}

/** What a task came to: the events to be sent once it is recorded. */
export interface TrainerDone {
  readonly events: readonly CptEvent[];
}

export interface TrainerFailure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
  readonly retryable: boolean;
}

/** A sign of life, and of what is to come. */
export interface TrainerAlive {
  readonly ahead: Ahead;
  /** Resident memory, bytes. */
  readonly memory: number;
  /** Blocks in one pass, once that is known. */
  readonly microBatch: number | null;
}

export type ToTrainer =
  | { readonly kind: 'setup'; readonly setup: TrainerSetup }
  | { readonly kind: 'job'; readonly job: TrainerJob }
  | { readonly kind: 'measure'; readonly sample: OpenSample }
  /** Save the running task and end; a task whose steps are done is finished first. */
  | { readonly kind: 'stop' };

export type FromTrainer =
  | { readonly kind: 'event'; readonly event: CptEvent }
  | { readonly kind: 'alive'; readonly alive: TrainerAlive }
  /** A sample was looked at; its losses came before as an event. */
  | { readonly kind: 'measured' }
  | { readonly kind: 'done'; readonly done: TrainerDone }
  | { readonly kind: 'failed'; readonly failure: TrainerFailure };
