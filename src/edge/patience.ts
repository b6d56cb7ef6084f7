/** Tries again until it works: for what must not be lost and can wait. */
import { setTimeout as sleep } from 'node:timers/promises';

export interface PatienceOptions {
  /** Told of each failure, and how long it has failed, seconds. What it throws ends the trying. */
  readonly failed: (error: unknown, seconds: number) => void;
  /** Told when it works again after failures. */
  readonly recovered: (seconds: number) => void;
  /** Seconds, from any zero. */
  readonly clock: () => number;
  /** Wakes it from a rest. */
  readonly signal?: AbortSignal;
  /** Milliseconds of the first rest, which doubles, and of the longest. */
  readonly rests?: { readonly first: number; readonly longest: number };
}

const RESTS = { first: 250, longest: 5000 };

export async function patiently<T>(attempt: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { failed, recovered, clock, signal, rests = RESTS } = options;
  let since: number | null = null;
  for (let rest = rests.first; ; rest = Math.min(2 * rest, rests.longest)) {
    const begun = clock();
    try {
      const result = await attempt();
      if (since !== null) recovered(clock() - since);
      return result;
    } catch (error) {
      since ??= begun;
      failed(error, clock() - since);
    }
    // that it was woken shows in the next attempt
    await sleep(rest, undefined, signal ? { signal } : {}).catch(() => {});
  }
}
