/** The parameters of a compiled step in two sets of buffers: a step reads one and writes the other. */
import { DeviceMemory, type Feeds, type Resident } from '../engine/index.ts';
import { CptError } from '../errors.ts';
import { corrections } from './adam.ts';

export const KINDS = ['value', 'first', 'second'] as const;

/** What one parameter carries: its value and Adam's two moments, each of the parameter's size. */
export type Slot = Record<(typeof KINDS)[number], Float32Array>;

export class SlotPair {
  /** On an accelerator the buffers' content stays there from step to step. */
  readonly memory = new DeviceMemory();
  #now: Record<string, Slot>;
  #next: Record<string, Slot>;

  /** @param slots taken over and written to; may be empty until `load` gives them */
  constructor(params: Readonly<Record<string, readonly number[]>>, slots: Record<string, Slot>) {
    this.#now = slots;
    this.#next = Object.fromEntries(
      Object.entries(params).map(([name, shape]) => [
        name,
        emptySlot(shape.reduce((size, axis) => size * axis, 1)),
      ]),
    );
  }

  load(slots: Record<string, Slot>): void {
    this.memory.dispose();
    this.#now = slots;
  }

  /** @throws CptError CPT_ENGINE where a device has newer values: they are there after `fetch` */
  get now(): Readonly<Record<string, Slot>> {
    if (arraysOf(this.#now).some((array) => this.memory.get(array) !== undefined)) {
      throw new CptError('CPT_ENGINE', 'The parameters are on the device and must be fetched first.');
    }
    return this.#now;
  }

  /** The parameters as they are now, brought here from where they are. */
  async fetch(): Promise<Readonly<Record<string, Slot>>> {
    await this.memory.read(arraysOf(this.#now));
    return this.#now;
  }

  /** Which outputs of an update need not come here. */
  get resident(): Resident {
    const names = Object.keys(this.#next);
    const outputs = names.flatMap((name) => KINDS.map((kind) => `next:${kind}:${name}`));
    return { memory: this.memory, outputs };
  }

  /** What an update writes; free for other use before it. */
  get next(): Readonly<Record<string, Slot>> {
    return this.#next;
  }

  /** Feeds of an update: parameters, moments, Adam's scalars; and where its results go. */
  update(step: number, learningRate: number): { inputs: Feeds; into: Feeds } {
    const { correction1, correction2 } = corrections(step);
    const inputs: Record<string, Float32Array> = {
      learningRate: Float32Array.of(learningRate),
      correction1: Float32Array.of(correction1),
      correction2: Float32Array.of(correction2),
    };
    const into: Record<string, Float32Array> = {};
    for (const name of Object.keys(this.#next)) {
      for (const kind of KINDS) {
        inputs[`${kind}:${name}`] = this.#now[name]![kind];
        into[`next:${kind}:${name}`] = this.#next[name]![kind];
      }
    }
    return { inputs, into };
  }

  /** Takes over what an update wrote. */
  swap(): void {
    [this.#now, this.#next] = [this.#next, this.#now];
  }
}

function arraysOf(slots: Readonly<Record<string, Slot>>): Float32Array[] {
  return Object.values(slots).flatMap((slot) => KINDS.map((kind) => slot[kind]));
}

export function emptySlot(size: number): Slot {
  return { value: new Float32Array(size), first: new Float32Array(size), second: new Float32Array(size) };
}

/** A parameter that starts at `value`, with empty moments. */
export function slotOf(value: Float32Array): Slot {
  return { ...emptySlot(value.length), value };
}

export interface StepResult {
  readonly loss: number;
  /** Norm over all gradients before clipping. */
  readonly gradientNorm: number;
}

/**
 * A step's result, where it is one. A gradient may overflow while the loss is still finite.
 * @throws CptError CPT_DIVERGED
 */
export function finite(loss: number, gradientNorm: number, step: number): StepResult {
  const [what, value] = Number.isFinite(loss)
    ? (['gradient norm', gradientNorm] as const)
    : (['loss', loss] as const);
  if (Number.isFinite(value)) return { loss, gradientNorm };
  throw new CptError('CPT_DIVERGED', `The ${what} is ${value} at step ${step}.`, {
    hint: 'The state is as it was before the task. Lower --learning-rate and run the same command again.',
  });
}
