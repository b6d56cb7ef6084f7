/**
 * The feed's clock, made of the passages' own times. These may be missing, out of order (two partitions, a backlog)
 * or wrong (a producer decades ahead), so the clock is the newest time so far and does not go back; only when a
 * whole run of passages is behind it was it wrong, and it is set back to the newest of them.
 */

/** Passages in a row behind the clock that set it back. */
const SET_BACK = 64;

export interface FeedClock {
  /** The newest time, seconds; null before the first. */
  now: number | null;
  /** Passages since the newest one that were behind it, and the newest time of those. */
  behind: number;
  behindNewest: number;
}

export function freshClock(): FeedClock {
  return { now: null, behind: 0, behindNewest: 0 };
}

/**
 * @param time of the next passage, seconds, or null
 * @returns seconds by which the clock moved forwards; never negative
 */
export function tick(clock: FeedClock, time: number | null): number {
  if (time === null || !Number.isFinite(time)) return 0;
  const { now } = clock;
  if (now === null || time >= now) {
    clock.now = time;
    clock.behind = 0;
    return now === null ? 0 : time - now;
  }
  clock.behindNewest = clock.behind === 0 ? time : Math.max(clock.behindNewest, time);
  clock.behind++;
  if (clock.behind >= SET_BACK) {
    clock.now = clock.behindNewest;
    clock.behind = 0;
  }
  return 0;
}

/** Seconds since `from`, by the clock; 0 where it was set back behind it or nothing is known. */
export function since({ now }: FeedClock, from: number | null): number {
  return now === null || from === null ? 0 : Math.max(0, now - from);
}
