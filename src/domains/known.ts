/** Which domain a closed one is, and what is remembered of it. */
import { nearby } from './nearby.ts';
import type { Reference } from './reference.ts';
import { comparable, distance, merge, type Signature, signatureOf } from './signature.ts';
import type { SegmenterState } from './state.ts';
import type { ClosedVerdict, Neighbour } from './verdict.ts';

/** A closed domain that is nearer than this to a known one, in standard deviations, is that one. */
const RETURN_DISTANCE = 0.5;
const NEIGHBOURS_MOST = 8;
const NAMES_MOST = 4096;

export type Identity = Pick<ClosedVerdict, 'domain' | 'returnOf' | 'label' | 'nearest'>;

/** Their distances, nearest first; none while the reference is too short to tell. */
export function nearest(signatures: readonly Signature[], reference: Reference): Neighbour[] {
  if (!comparable(reference)) return [];
  return signatures
    .map((known) => ({ domain: known.domain, distance: distance(reference, known) }))
    .sort((a, b) => a.distance - b.distance);
}

/** What is known of a domain when it closes. */
export interface Closing {
  /** Of all its passages. */
  readonly reference: Reference;
  /** The name that its records give it, or null. */
  readonly explicit: string | null;
  /** The domain that a bound closed and this one goes on with, or null. */
  readonly continues: string | null;
  /** The label that it gets where it has none yet. */
  readonly label: string | null;
  /** Whether the reference holds the passages before that bound too. */
  readonly holdsEarlier: boolean;
}

/** Gives the domain that is being closed its id and remembers its signature under it. */
export function identify(state: SegmenterState, closing: Closing, maxKnown: number): Identity {
  const { reference, label } = closing;
  const neighbours = nearest(nearby(state.known, reference), reference);
  const name = named(state, closing, neighbours);
  const { domain } = name;
  const older = state.known.get(domain);
  state.known.delete(domain); // so that it becomes the newest
  state.names.delete(domain);
  if (comparable(reference)) {
    const newer = signatureOf(domain, reference);
    state.known.set(domain, older && !closing.holdsEarlier ? merge(older, newer) : newer);
  } else if (older) state.known.set(domain, older);
  else state.names.add(domain);
  for (const oldest of state.known.keys()) {
    if (state.known.size <= maxKnown) break;
    state.known.delete(oldest);
    state.names.add(oldest);
  }
  if (label !== null && !state.labels.has(domain)) state.labels.set(domain, label);
  boundNames(state);
  const others = neighbours.filter((other) => other.domain !== domain && Number.isFinite(other.distance));
  return { ...name, label: state.labels.get(domain) ?? null, nearest: others.slice(0, NEIGHBOURS_MOST) };
}

/**
 * Drops all that is known of a domain but its name. What is open and went on with it gets an id of its own.
 * @returns false where the domain is not among the known ones
 */
export function forget(state: SegmenterState, domain: string): boolean {
  if (!state.known.delete(domain)) return false;
  state.labels.delete(domain);
  state.names.add(domain);
  boundNames(state);
  if (state.continues === domain) state.continues = null;
  if (state.earlier?.continues === domain) state.earlier = { ...state.earlier, continues: null };
  state.held.forget(domain);
  if (state.before?.domain === domain) state.before = null;
  return true;
}

function boundNames({ names, labels }: SegmenterState): void {
  for (const oldest of names) {
    if (names.size <= NAMES_MOST) break;
    names.delete(oldest);
    labels.delete(oldest);
  }
}

function named(
  state: SegmenterState,
  { explicit, continues }: Closing,
  [closest]: readonly Neighbour[],
): Pick<Identity, 'domain' | 'returnOf'> {
  if (explicit !== null) return { domain: explicit, returnOf: isTaken(state, explicit) ? explicit : null };
  if (continues !== null) return { domain: continues, returnOf: continues };
  if (closest && closest.distance < RETURN_DISTANCE) {
    return { domain: closest.domain, returnOf: closest.domain };
  }
  while (isTaken(state, `d${state.next}`)) state.next++;
  return { domain: `d${state.next++}`, returnOf: null };
}

function isTaken(state: SegmenterState, name: string): boolean {
  return state.known.has(name) || state.names.has(name);
}
