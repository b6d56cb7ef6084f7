/**
 * Domains that stay open beside the open one. Records that name their domain may come interleaved, a few of each
 * at a time; such short runs are held back under their name until they are a domain together. What is held is
 * bounded: beyond it the domain used longest ago goes, and those too small for a task go together as `mixed`.
 */
import type { Features } from './features.ts';
import { joinRanges, type Range } from './ranges.ts';

/** Domain of passages whose names were too many to hold. */
export const MIXED = 'mixed';
/** A domain that came in short runs is closed at so many times the least size of one. */
export const ENOUGH = 10;

const NAMES_MOST = 256;
const WEIGHT_MOST = 1 << 20; // buckets of all passages' features, and one for each passage: about 10 MB

/** Passages whose words are kept. */
const WORDS_MOST = 24;

export interface Held {
  /** Empty where the records name none. */
  readonly name: string;
  readonly ranges: readonly Range[];
  readonly passages: number;
  readonly bytes: number;
  readonly features: readonly Features[];
  /** Of a few of its passages, for the label. */
  readonly words: readonly (readonly string[])[];
  /** By the feed's clock, seconds; null where no time is known. */
  readonly firstTime: number | null;
  readonly lastTime: number | null;
  /** The domain that a bound closed and this one goes on with, or null. */
  readonly continues: string | null;
}

export class HeldDomains {
  readonly #byName = new Map<string, Held>(); // the one used longest ago first
  #weight = 0;

  /** Adds to what is held under the name; it is then the newest. */
  put(held: Held): void {
    const { name } = held;
    const earlier = this.take(name);
    const whole = earlier === null ? held : joinHeld(earlier, held);
    this.#byName.set(name, whole);
    this.#weight += weightOf(whole);
  }

  /** What is held under a name, which is then held no more. */
  take(name: string): Held | null {
    const held = this.#byName.get(name);
    if (held === undefined) return null;
    this.#byName.delete(name);
    this.#weight -= weightOf(held);
    return held;
  }

  /** The one to let go of where more than `names` are held, or more than there is room for. */
  crowded(names = NAMES_MOST): Held | null {
    const isMixed = this.#byName.has(MIXED);
    if (this.#byName.size - (isMixed ? 1 : 0) <= names && this.#weight <= WEIGHT_MOST) return null;
    for (const held of this.#byName.values()) if (held.name !== MIXED) return this.take(held.name);
    return this.take(MIXED);
  }

  /** No held domain goes on with `domain` any more. */
  forget(domain: string): void {
    for (const [name, held] of this.#byName) {
      if (held.continues === domain) this.#byName.set(name, { ...held, continues: null });
    }
  }

  get size(): number {
    return this.#byName.size;
  }

  get passages(): number {
    let passages = 0;
    for (const held of this.#byName.values()) passages += held.passages;
    return passages;
  }

  [Symbol.iterator](): IterableIterator<Held> {
    return this.#byName.values();
  }
}

/** Both as one, under the second's name. */
export function joinHeld(earlier: Held, later: Held): Held {
  return {
    name: later.name,
    ranges: joinRanges(earlier.ranges, later.ranges),
    passages: earlier.passages + later.passages,
    bytes: earlier.bytes + later.bytes,
    features: [...earlier.features, ...later.features],
    words: [...earlier.words, ...later.words].slice(0, WORDS_MOST),
    firstTime: pick(Math.min, earlier.firstTime, later.firstTime),
    lastTime: pick(Math.max, earlier.lastTime, later.lastTime),
    continues: earlier.continues ?? later.continues,
  };
}

function pick(which: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : which(a, b);
}

function weightOf({ features }: Held): number {
  return features.reduce((sum, { bucket }) => sum + bucket.length + 1, 0);
}
