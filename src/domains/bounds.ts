/** The bounds of a domain: when it is closed although nothing in its text has changed. */
import { type FeedClock, since } from './clock.ts';
import type { SegmenterOptions } from './options.ts';
import type { CloseReason } from './verdict.ts';

export interface Extent {
  readonly passages: number;
  readonly bytes: number;
  /** By the feed's clock, seconds; null where no time is known. */
  readonly firstTime: number | null;
}

/** Whether a domain has reached its size. */
export function fullBy({ passages, bytes }: Extent, options: SegmenterOptions): CloseReason | null {
  if (passages >= options.maxPassages) return 'passages';
  return bytes >= options.maxBytes ? 'bytes' : null;
}

/**
 * Whether a domain's time is over. One that is too small for a task is not closed by time: a feed whose clock jumps
 * at each passage would otherwise close a domain at each.
 * @param idle seconds from its newest passage to now
 */
export function overdueBy(
  { passages, firstTime }: Extent,
  idle: number,
  clock: FeedClock,
  options: SegmenterOptions,
): CloseReason | null {
  if (passages < options.minPassages) return null;
  if (since(clock, firstTime) > options.maxAgeSeconds) return 'age';
  return idle > options.maxIdleSeconds ? 'idle' : null;
}
