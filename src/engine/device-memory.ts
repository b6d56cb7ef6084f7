/**
 * Values that stay on a device from run to run, so that parameters are not copied to and fro at every step. Each goes
 * by the array that stands for it: an array is the host's, and then is what it holds, or it is the device's, and then
 * what it holds is old until `read` brings it back.
 */
import type { Values } from './session.ts';

/** A value on a device. */
export interface DeviceValue<T = unknown> {
  readonly tensor: T;
  /** Copies it into the array. */
  download(into: Values): Promise<void>;
  release(): void;
}

/** Shared by the programs that hand values to each other; they must run on the same device. */
export class DeviceMemory {
  readonly #values = new Map<Values, DeviceValue>();

  /** The value that an array stands for, or undefined where the array is the host's. */
  get<T>(array: Values): DeviceValue<T> | undefined {
    return this.#values.get(array) as DeviceValue<T> | undefined;
  }

  /** The array is the device's from now on, with this value. */
  hold(array: Values, value: DeviceValue): void {
    this.#values.get(array)?.release();
    this.#values.set(array, value);
  }

  /** Brings values back: the arrays are the host's again. */
  async read(arrays: readonly Values[]): Promise<void> {
    for (const array of arrays) {
      await this.#values.get(array)?.download(array);
      this.forget([array]);
    }
  }

  /** The arrays are the host's again, as they are: it is about to write to them. */
  forget(arrays: readonly Values[]): void {
    for (const array of arrays) {
      this.#values.get(array)?.release();
      this.#values.delete(array);
    }
  }

  dispose(): void {
    this.forget([...this.#values.keys()]);
  }
}
