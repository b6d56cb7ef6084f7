/** The domains that are held beside the open one: which of them are closed, and when. */
import { overdueBy } from './bounds.ts';
import { since } from './clock.ts';
import { asMixed, closeHeld } from './close.ts';
import { ENOUGH, MIXED } from './held.ts';
import type { SegmenterOptions } from './options.ts';
import type { SegmenterState } from './state.ts';
import type { ClosedVerdict } from './verdict.ts';

/** Named domains too small for a task that are still closed on their own when the feed ends; more go together. */
const SHORT_AT_END = 32;

/** Lets go of held domains until there is room; those too small for a task go together. */
export function makeRoom(
  state: SegmenterState,
  { minPassages, maxKnown }: SegmenterOptions,
  detectedAt: number,
  names?: number,
): ClosedVerdict[] {
  const verdicts: ClosedVerdict[] = [];
  const ending = { detectedAt, reason: 'crowded', maxKnown } as const;
  for (let held = state.held.crowded(names); held !== null; held = state.held.crowded(names)) {
    if (held.passages >= minPassages || held.name === MIXED) verdicts.push(closeHeld(state, held, ending));
    else state.held.put(asMixed(held));
    const mixed = state.held.take(MIXED);
    if (mixed === null) continue;
    if (mixed.passages >= ENOUGH * minPassages) verdicts.push(closeHeld(state, mixed, ending));
    else state.held.put(mixed);
  }
  return verdicts;
}

/** Closes the held domains whose time is over. */
export function closeDue(
  state: SegmenterState,
  options: SegmenterOptions,
  detectedAt: number,
): ClosedVerdict[] {
  const { maxAgeSeconds, maxIdleSeconds, maxKnown } = options;
  if (!Number.isFinite(Math.min(maxAgeSeconds, maxIdleSeconds))) return [];
  const verdicts: ClosedVerdict[] = [];
  for (const held of [...state.held]) {
    const reason = overdueBy(held, since(state.clock, held.lastTime), state.clock, options);
    if (reason === null) continue;
    state.held.take(held.name);
    verdicts.push(closeHeld(state, held, { detectedAt, reason, maxKnown }));
  }
  return verdicts;
}

/** The feed has ended: closes all that are held, the one used longest ago first. */
export function closeAll(
  state: SegmenterState,
  options: SegmenterOptions,
  detectedAt: number,
): ClosedVerdict[] {
  const verdicts = makeRoom(state, options, detectedAt, SHORT_AT_END);
  const ending = { detectedAt, reason: 'end', maxKnown: options.maxKnown } as const;
  for (const held of [...state.held]) {
    state.held.take(held.name);
    verdicts.push(closeHeld(state, held, ending));
  }
  return verdicts;
}
