/** What SIGINT and SIGTERM do. */
import { CptError } from '../errors.ts';

/** The part of `process` that is needed. */
export interface SignalSource {
  on(name: string, listener: () => void): unknown;
  exit(status: number): void;
}

/** As shells report a process that a signal ended. */
const STATUS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * The first signal asks the command to stop, the second one ends the process at once.
 * @param say tells a person what happened
 */
export function abortOnSignals(source: SignalSource, say: (line: string) => void): AbortSignal {
  const controller = new AbortController();
  for (const [name, status] of Object.entries(STATUS)) {
    source.on(name, () => {
      if (controller.signal.aborted) return source.exit(status);
      say(`Stopping (${name}); a second one stops at once.`);
      controller.abort(
        new CptError('CPT_INTERRUPTED', `Stopped by ${name}.`, {
          hint: 'What was made durable is kept: the same command goes on from there.',
          retryable: true,
        }),
      );
    });
  }
  return controller.signal;
}
