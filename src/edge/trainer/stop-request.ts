/** Asks a trainer from outside to leave its task where it can be gone on with. */
export class StopRequest {
  #asked = false;
  #underWay = false;

  get asked(): boolean {
    return this.#asked;
  }

  /** A task's steps begin. */
  begin(): void {
    this.#underWay = true;
  }

  /** No task is under way any more. */
  end(): void {
    this.#underWay = false;
  }

  /** @returns whether a task is under way, which then ends by itself; without one there is nothing to wait for */
  ask(): boolean {
    this.#asked = true;
    return this.#underWay;
  }
}
