/** The trainer process: what it runs on, what it needs, what it complains of. */

/** The trainer process is up; `provider` is what executes the compiled graphs. */
export interface TrainerStarted {
  readonly event: 'TrainerStarted';
  readonly lineage: string;
  readonly provider: string;
  /** Why a preferred provider was not used; empty when none was passed over. */
  readonly fallbacks: readonly string[];
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
