/** What SIGINT and SIGTERM do. */
import { CptError } from '../errors.ts';

/** The part of `process` that is needed. */
export interface SignalSource {
  on(name: string, listener: () => void): unknown;
  exit(status: number): void;
}

/** As shells report a process that a signal ended. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/** A person or a supervisor has asked to stop. */
export class Interrupted extends CptError {
  readonly signal: keyof typeof STATUS;

  /** @param more what else is to be known of it: `; this did not end` */
  constructor(signal: keyof typeof STATUS, more = '') {
    super('CPT_INTERRUPTED', `Stopped by ${signal}${more}.`, {
      hint: 'What was made durable is kept: the same command goes on from there.',
      retryable: true,
    });
    this.signal = signal;
  }

  /** Exit status of a command that has stopped as it was asked to. */
  get status(): number {
    return STATUS[this.signal];
  }
}

/**
 * The first signal asks the command to stop, the second one ends the process at once.
 * @param say tells a person what happened
 * @returns aborts with an Interrupted
 */
export function abortOnSignals(source: SignalSource, say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    source.on(name, () => {
      if (controller.signal.aborted) return source.exit(STATUS[name]);
      say(`Stopping (${name}); a second one stops at once.`);
      controller.abort(new Interrupted(name));
    });
  }
  return controller.signal;
}
