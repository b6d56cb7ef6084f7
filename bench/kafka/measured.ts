/** What a reader of the topic tells when it has read it. */

export interface Measured {
  readonly passages: number;
  /** By the clock, from the moment at which it had joined its group. */
  readonly seconds: number;
  /** Processor time of all threads, user and system, in the same span. */
  readonly processorSeconds: number;
  /** Domains closed; 0 where none are looked for. */
  readonly domains: number;
  /** Event loop's delay, milliseconds. */
  readonly delay: { readonly p99: number; readonly most: number };
  readonly memory: readonly Memory[];
}

/** Resident memory, bytes. */
export interface Memory {
  readonly passages: number;
  readonly all: number;
  /** Without pages of files, which are the state's and can be given back at any time; null where not told. */
  readonly own: number | null;
}
