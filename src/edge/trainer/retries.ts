/** What happens after a trainer process has ended over a task: when it is tried again, and how. */
import { CptError, type ErrorCode } from '../../errors.ts';
import type { Ended } from './attempt.ts';
import type { TrainerOptions } from './options.ts';

/** Deaths and hangs over one task, without getting any farther, before it is given up. */
const DEATHS = 10;
const HANGS = 3;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

export interface Retry {
  readonly code: ErrorCode;
  /** What happened and what comes now, a sentence each. */
  readonly message: string;
  /** Blocks in one pass from now on; null where the trainer has still to choose. */
  readonly microBatch: number | null;
  /** Milliseconds before the next attempt. */
  readonly delay: number;
}

export class Retries {
  readonly #options: TrainerOptions;
  readonly #task: number;
  #deaths = 0;
  #hangs = 0;
  /** The last step that any attempt came to. */
  #farthest = 0;

  constructor(options: TrainerOptions, task: number) {
    this.#options = options;
    this.#task = task;
  }

  /** An attempt has come to a step. */
  reached(step: number): void {
    if (step <= this.#farthest) return;
    this.#farthest = step;
    this.#deaths = 0;
    this.#hangs = 0;
  }

  /**
   * @param microBatch blocks in one pass of the attempt that ended; null where it had not come so far
   * @throws CptError CPT_TRAIN, CPT_HANG, CPT_MEMORY where there is no point in another attempt
   */
  after({ of, how, memory, patience }: Ended, microBatch: number | null): Retry {
    switch (of) {
      case 'memory':
        return this.#smaller(how, memory, microBatch);
      case 'hang': {
        this.#hangs += 1;
        const message = `The trainer process gave no sign of life for ${Math.round(patience)} s and was ended.`;
        if (this.#hangs < HANGS) return { code: 'CPT_HANG', message, microBatch, delay: 0 };
        throw new CptError('CPT_HANG', `${this.#times(this.#hangs)}: ${message}`, {
          hint: 'Where a pass takes longer than that, raise --trainer-timeout. Nothing is lost.',
        });
      }
      case 'death': {
        this.#deaths += 1;
        const message = `The trainer process ended (${how}).`;
        const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#deaths - 1));
        if (this.#deaths < DEATHS) return { code: 'CPT_TRAIN', message, microBatch, delay };
        throw new CptError('CPT_TRAIN', `${this.#times(this.#deaths)}: ${message}`, {
          hint: 'It may lack memory: set --max-memory. Nothing is lost, run the same command again.',
        });
      }
    }
  }

  #smaller(how: string, memory: number | null, microBatch: number | null): Retry {
    const { maxMemory } = this.#options;
    const held = memory === null ? '' : ` at ${gigabytes(memory)}`;
    const bound = maxMemory === Number.POSITIVE_INFINITY ? '' : `, of ${gigabytes(maxMemory)} allowed`;
    const what = `The trainer process ran out of memory${held}${bound} (${how})`;
    const half = Math.floor((microBatch ?? 0) / 2);
    if (half < 1) {
      const when = microBatch === null ? 'before its first pass' : 'with one block in a pass';
      throw new CptError('CPT_MEMORY', `${what}, ${when}.`, {
        hint: 'Raise --max-memory, or lower --length. Nothing is lost, run the same command again.',
      });
    }
    const message = `${what}. Passes now have ${half} blocks, not ${microBatch}.`;
    return { code: 'CPT_MEMORY', message, microBatch: half, delay: 0 };
  }

  #times(count: number): string {
    return `Task ${this.#task} was tried ${count} times`;
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
