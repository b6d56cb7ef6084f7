/** Between who is called (a consumer's handler) and who pulls (a feed's reader): a queue with a bound. */

/**
 * A queue bounded by `limit` units of size. One item is always let in when it is empty, however large, so that
 * an oversized one passes instead of blocking for ever.
 */
export class HandOff<T> {
  readonly #limit: number;
  readonly #items: { item: T; size: number }[] = [];
  #size = 0;
  #error: Error | undefined;
  #closed = false;
  #wake: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Units of size that wait. */
  get size(): number {
    return this.#size;
  }

  get closed(): boolean {
    return this.#closed || this.#error !== undefined;
  }

  hasRoom(size: number): boolean {
    return this.#items.length === 0 || this.#size + size <= this.#limit;
  }

  put(item: T, size: number): void {
    this.#items.push({ item, size });
    this.#size += size;
    this.#notify();
  }

  /** The oldest item; undefined when none came within `milliseconds` or it was closed. Rejects after `fail`. */
  async take(milliseconds: number): Promise<T | undefined> {
    if (this.#items.length === 0 && !this.closed) await this.changed(milliseconds);
    const first = this.#items.shift();
    if (first === undefined) {
      if (this.#error) throw this.#error;
      return undefined;
    }
    this.#size -= first.size;
    this.#notify();
    return first.item;
  }

  /** Resolves at the next change, or after `milliseconds`. */
  changed(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Lets readers have what waits, then gives them `error`. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#notify();
  }

  close(): void {
    this.#closed = true;
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
