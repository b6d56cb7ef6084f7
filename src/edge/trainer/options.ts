/** What can be set about the trainer process. None of it changes what a task comes to. */
export interface TrainerOptions {
  /** Bytes of memory that the process may take; over it a task is tried again in smaller passes. */
  readonly maxMemory: number;
  /** Seconds without a sign of life after which the process is taken to hang. */
  readonly timeout: number;
  /** Seconds between two saves of a running task's state, from which it goes on if the process ends. */
  readonly saveEvery: number;
}

export const TRAINER_DEFAULTS: TrainerOptions = {
  maxMemory: Number.POSITIVE_INFINITY,
  timeout: 600,
  saveEvery: 60,
};
