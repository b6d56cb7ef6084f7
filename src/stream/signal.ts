/** Lets one part of a stream wait until another has done something; a notice with nobody waiting is kept. */
export class Signal {
  #noticed = false;
  #wake: (() => void)[] = [];

  notify(): void {
    this.#noticed = true;
    for (const wake of this.#wake.splice(0)) wake();
  }

  /** Resolves at the next notice, or at once where one came since the last wait. */
  wait(): Promise<void> {
    if (this.#noticed) {
      this.#noticed = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#wake.push(() => {
        this.#noticed = false;
        resolve();
      });
    });
  }
}
