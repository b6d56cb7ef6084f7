/** Label values come from feeds and people: their number and length are bounded here. */

export const OTHER = 'other';
const MAX_LENGTH = 128; // characters

/** The first `limit` distinct values keep their name, all later ones share `other`. */
export class BoundedLabel {
  readonly #limit: number;
  readonly #known = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  value(raw: string): string {
    const value = labelOf(raw);
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.#limit) return OTHER;
    this.#known.add(value);
    return value;
  }

  /** Gives up a name that is not used any more: the label that it had, or null where it shared `other`. */
  forget(raw: string): string | null {
    const value = labelOf(raw);
    return this.#known.delete(value) ? value : null;
  }
}

function labelOf(raw: string): string {
  const short = raw.length > MAX_LENGTH ? `${raw.slice(0, MAX_LENGTH - 1)}…` : raw;
  return short.replace(/\p{Surrogate}/gu, '\ufffd'); // a lone one, or one half of a pair that was cut
}
