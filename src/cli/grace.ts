/** The time that a command has to stop in: supervisors kill what takes longer. */
import { Interrupted } from './signals.ts';

/** Of the grace, kept for closing: a fifth, and no more than so many seconds. */
const CLOSING = 5;

export interface Grace {
  /** Aborts when what is under way must be left, so that there is time for closing. */
  readonly late: AbortSignal;
  /** As `work`, but rejects with an Interrupted when the grace is over. */
  within<T>(work: Promise<T>): Promise<T>;
  /** Forgets the time. */
  end(): void;
}

/**
 * @param signal begins the grace
 * @param seconds from there to the end of the process
 */
export function graceOf(signal: AbortSignal, seconds: number): Grace {
  const late = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  let end: (reason: unknown) => void = () => {};
  const over = new Promise<never>((_, reject) => {
    end = reject;
  });
  over.catch(() => {}); // where nobody waits within it any more
  const reason = (more: string): unknown =>
    signal.reason instanceof Interrupted ? new Interrupted(signal.reason.signal, more) : signal.reason;
  const begin = (): void => {
    const work = seconds - Math.min(CLOSING, seconds / 5);
    const left = `; what was under way did not end within ${seconds} s`;
    timers.push(setTimeout(() => late.abort(reason(left)), 1000 * work));
    timers.push(setTimeout(() => end(reason(left)), 1000 * seconds));
  };
  whenAborted(signal, begin);
  return {
    late: late.signal,
    within: (work) => Promise.race([work, over]),
    end() {
      signal.removeEventListener('abort', begin);
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** At once where it has aborted already. */
export function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act();
  else signal.addEventListener('abort', act, { once: true });
}
