/**
 * Decides from what is seen of a trainer process whether it takes too much memory or hangs: a state machine, without
 * clock or process.
 */

/** What a trainer is about to do, as it says with each sign of life. */
export type Ahead =
  /** One pass of a step, one part of an evaluation: pieces of about one size. */
  | 'pass'
  /** Loading, compiling, publishing: one piece that takes as long as it takes. */
  | 'phase';

export interface Limits {
  /** Bytes. */
  readonly maxMemory: number;
  /** Seconds of silence within a pass. */
  readonly timeout: number;
}

export interface Seen {
  /** Seconds since the last look. */
  readonly elapsed: number;
  /** Resident memory, bytes, or null where it cannot be told. */
  readonly memory: number | null;
}

/** A phase may be silent for at least so many seconds. */
const LEAST_PHASE_SECONDS = 600;
/** A pass may take so many times as long as the longest before it. */
const SLOWER = 10;
/** A look that comes later than this was late because this process slept or was busy: the silence was not all theirs. */
const LONGEST_LOOK_SECONDS = 1;

export class Vigil {
  readonly #limits: Limits;
  #ahead: Ahead = 'phase';
  #silence = 0;
  #longestPass = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Seconds for which the trainer may be silent now. */
  get patience(): number {
    const { timeout } = this.#limits;
    if (this.#ahead === 'phase') return Math.max(timeout, LEAST_PHASE_SECONDS);
    return Math.max(timeout, SLOWER * this.#longestPass);
  }

  /** A sign of life. */
  alive(ahead: Ahead): void {
    if (this.#ahead === 'pass') this.#longestPass = Math.max(this.#longestPass, this.#silence);
    this.#ahead = ahead;
    this.#silence = 0;
  }

  /** What is wrong, if anything is. */
  look({ elapsed, memory }: Seen): 'memory' | 'hang' | null {
    this.#silence += Math.min(elapsed, LONGEST_LOOK_SECONDS);
    if (memory !== null && memory > this.#limits.maxMemory) return 'memory';
    return this.#silence > this.patience ? 'hang' : null;
  }
}
