/** One wait at a time that can be given up; nothing is kept of the waits before it. */
export class Leavable {
  #leave: () => void = () => {};

  /** As `waited`, or null once `leave` is called. */
  until<T>(waited: Promise<T>): Promise<T | null> {
    return new Promise((resolve, reject) => {
      this.#leave = () => resolve(null);
      waited.then(resolve, reject);
    });
  }

  leave(): void {
    this.#leave();
  }
}
