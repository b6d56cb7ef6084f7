/** How far the feed may run ahead of training, and how soon one task may follow another. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Progress } from '../state/types.ts';

export interface WaitingBounds {
  readonly passages: number;
  /** Size of these passages. */
  readonly bytes: number;
  readonly tasks: number;
}

/** Whether the feed must be held back. Never without a task: only one can make room. */
export function isFull(
  { tasks, trained, waitingPassages, waitingBytes }: Omit<Progress, 'segmenter'>,
  bounds: WaitingBounds,
): boolean {
  if (tasks === trained) return false;
  return waitingPassages > bounds.passages || waitingBytes > bounds.bytes || tasks - trained > bounds.tasks;
}

export interface Pace {
  /** Seconds since 1970. */
  now(): number;
  /**
   * @param begunAt when the task before was begun
   * @returns seconds until another may begin
   */
  wait(begunAt: number | null): number;
  /** Rests so long, or until `sooner`. @returns seconds that it rested */
  rest(seconds: number, sooner: Promise<void>): Promise<number>;
}

/**
 * At least `interval` seconds between the beginnings of two tasks; a clock that is set back makes no task wait
 * longer than that.
 */
export function paceOf(interval: number, now: () => number): Pace {
  return {
    now,
    wait: (begunAt) => {
      if (begunAt === null || interval === 0) return 0;
      return Math.min(interval, Math.max(0, begunAt + interval - now()));
    },
    rest: async (seconds, sooner) => {
      const since = now();
      const stop = new AbortController();
      // Neither holds the process up when all else has ended.
      const timer = sleep(Math.min(seconds, LONGEST) * 1000, undefined, { ref: false, signal: stop.signal });
      await Promise.race([timer.catch(() => {}), sooner]);
      stop.abort();
      return Math.max(0, now() - since);
    },
  };
}

const LONGEST = 3600; // a timer holds 24 days at the most; who waits longer looks again
