/**
 * One training step as one compiled function: loss, gradients, clipping and the optimiser's update. Parameters
 * and moments live in two sets of buffers; a step reads one and writes the other, so nothing is copied.
 */
import type * as tf from '@tensorflow/tfjs';
import {
  type FeedSpec,
  type Feeds,
  type OpenOptions,
  open,
  type Program,
  type TensorFunction,
  type Tensors,
  type Weights,
} from '../engine/index.ts';
import { finite, KINDS, type Slot, SlotPair, type StepResult } from './slots.ts';
import { lossAndGradients, named, updated } from './update.ts';

export { emptySlot, type Slot, slotOf } from './slots.ts';

export type Loss = (params: Tensors, feeds: Tensors, weights: Tensors) => tf.Scalar;

/** For a batch that is trained on in parts, see `accumulate.ts`: `once` counts once a step. */
export interface Terms {
  readonly batch: Loss;
  readonly once: Loss;
  /** Names of the parameters that `once` depends on. */
  readonly params: readonly string[];
}

export interface StepDefinition {
  /** Shapes of what trains, by name. */
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly feeds: Readonly<Record<string, FeedSpec>>;
  /** What stays frozen. */
  readonly weights: Weights;
  /** A scalar. */
  readonly loss: Loss;
  /** Where the loss is a sum of a term of the batch and one that no batch has a say in: the two apart. */
  readonly terms?: Terms;
  /** Changes the gradients before clipping. */
  readonly adjust?: (gradients: Tensors, params: Tensors, feeds: Tensors) => Tensors;
  /** Decides what a parameter becomes, given what it was and what the optimiser would subtract. */
  readonly settle?: (name: string, old: tf.Tensor, change: tf.Tensor, feeds: Tensors) => tf.Tensor;
  /** Norm over all gradients that clipping allows. */
  readonly clip: number;
  /** Decoupled weight decay by parameter name. */
  readonly decay: (name: string) => number;
}

/** The step as a function of feeds and weights, for `compile` or for eager execution. */
export function stepFunction(definition: StepDefinition): TensorFunction {
  const names = Object.keys(definition.params);
  return (feeds, weights) => {
    const params = named(names, 'value', feeds);
    const { loss, gradients } = lossAndGradients(definition.loss, params, feeds, weights);
    return { loss, ...updated(definition, params, gradients, feeds) };
  };
}

export function stepSpecs(definition: StepDefinition): Record<string, FeedSpec> {
  const specs: Record<string, FeedSpec> = { ...definition.feeds };
  for (const name of ['learningRate', 'correction1', 'correction2']) specs[name] = SCALAR;
  return { ...specs, ...paramSpecs(definition, KINDS) };
}

export const SCALAR: FeedSpec = { shape: [], dtype: 'float32' };

/** Specs of the feeds `<kind>:<name>` of every parameter. */
export function paramSpecs({ params }: StepDefinition, kinds: readonly string[]): Record<string, FeedSpec> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, shape]) =>
      kinds.map((kind) => [`${kind}:${name}`, { shape, dtype: 'float32' }] as const),
    ),
  );
}

/** A compiled step with its parameters. */
export class Stepper {
  readonly program: Program;
  readonly #slots: SlotPair;

  private constructor(program: Program, slots: SlotPair) {
    this.program = program;
    this.#slots = slots;
  }

  /** Compiles the step; `slots` are taken over and written to. They may be empty until `load` gives them. */
  static async compile(
    definition: StepDefinition,
    slots: Record<string, Slot>,
    options: OpenOptions = {},
  ): Promise<Stepper> {
    const specs = stepSpecs(definition);
    const pair = new SlotPair(definition.params, slots);
    const program = await open(stepFunction(definition), specs, {
      lean: true,
      ...options,
      weights: definition.weights,
      resident: pair.resident,
    });
    return new Stepper(program, pair);
  }

  get provider(): string {
    return this.program.provider;
  }

  /** Starts anew from other parameters of the same names and sizes; taken over and written to. */
  load(slots: Record<string, Slot>): void {
    this.#slots.load(slots);
  }

  /** The parameters as they are now, once they are fetched from where the step runs. */
  get slots(): Readonly<Record<string, Slot>> {
    return this.#slots.now;
  }

  fetch(): Promise<Readonly<Record<string, Slot>>> {
    return this.#slots.fetch();
  }

  /**
   * @param step counted from 1
   * @throws CptError CPT_DIVERGED where loss or gradients are not finite; the parameters then are as they were.
   */
  async run(feeds: Feeds, step: number, learningRate: number): Promise<StepResult> {
    const { inputs, into } = this.#slots.update(step, learningRate);
    const results = await this.program.run({ ...feeds, ...inputs }, into);
    const result = finite(Number(results.loss![0]), Number(results.gradientNorm![0]), step);
    this.#slots.swap();
    return result;
  }

  dispose(): Promise<void> {
    this.#slots.memory.dispose();
    return this.program.dispose();
  }
}
