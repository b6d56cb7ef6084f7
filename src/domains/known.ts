/** Which domain a closed one is, and what is remembered of it. */
import type { Reference } from './reference.ts';
import { comparable, distance, merge, signatureOf } from './signature.ts';
import type { SegmenterState } from './state.ts';

/** A closed domain that is nearer than this to a known one, in standard deviations, is that one. */
const RETURN_DISTANCE = 0.5;
const NAMES_MOST = 4096;

export interface Identity {
  readonly domain: string;
  readonly returnOf: string | null;
}

export interface Neighbour {
  readonly domain: string;
  /** Cohen's d, cross-fitted. */
  readonly distance: number;
}

/** The known domains, nearest first; none while the reference is too short to tell. */
export function nearest(state: SegmenterState, reference: Reference): Neighbour[] {
  if (!comparable(reference)) return [];
  return [...state.known.values()]
    .map((known) => ({ domain: known.domain, distance: distance(reference, known) }))
    .sort((a, b) => a.distance - b.distance);
}

/** Gives the domain that is being closed its id and remembers its signature under it. */
export function identify(state: SegmenterState, reference: Reference, maxKnown: number): Identity {
  const identity = named(state, reference);
  const { domain } = identity;
  const older = state.known.get(domain);
  state.known.delete(domain); // so that it becomes the newest
  state.names.delete(domain);
  if (comparable(reference)) {
    const newer = signatureOf(domain, reference);
    // The reference of a domain that went on over a bound holds its earlier passages already.
    state.known.set(domain, older && state.continues === null ? merge(older, newer) : newer);
  } else if (older) state.known.set(domain, older);
  else state.names.add(domain);
  for (const oldest of state.known.keys()) {
    if (state.known.size <= maxKnown) break;
    state.known.delete(oldest);
    state.names.add(oldest);
  }
  for (const oldest of state.names) {
    if (state.names.size <= NAMES_MOST) break;
    state.names.delete(oldest);
  }
  return identity;
}

function named(state: SegmenterState, reference: Reference): Identity {
  const { explicit, continues } = state;
  if (explicit !== null) return { domain: explicit, returnOf: isTaken(state, explicit) ? explicit : null };
  if (continues !== null) return { domain: continues, returnOf: continues };
  const [closest] = nearest(state, reference);
  if (closest && closest.distance < RETURN_DISTANCE) {
    return { domain: closest.domain, returnOf: closest.domain };
  }
  while (isTaken(state, `d${state.next}`)) state.next++;
  return { domain: `d${state.next++}`, returnOf: null };
}

function isTaken(state: SegmenterState, name: string): boolean {
  return state.known.has(name) || state.names.has(name);
}
