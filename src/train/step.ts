/**
 * One training step as one compiled function: loss, gradients, clipping and the optimiser's update. Parameters
 * and moments live in two sets of buffers; a step reads one and writes the other, so nothing is copied.
 */
import * as tf from '@tensorflow/tfjs';
import {
  type CompileOptions,
  compile,
  type FeedSpec,
  type Feeds,
  type Program,
  type TensorFunction,
  type Tensors,
  type Weights,
} from '../engine/index.ts';
import { CptError } from '../errors.ts';
import { adam, clipFactor, corrections } from './adam.ts';
import { joined, parted } from './joined.ts';

export interface StepDefinition {
  /** Shapes of what trains, by name. */
  readonly params: Readonly<Record<string, readonly number[]>>;
  readonly feeds: Readonly<Record<string, FeedSpec>>;
  /** What stays frozen. */
  readonly weights: Weights;
  /** A scalar. */
  readonly loss: (params: Tensors, feeds: Tensors, weights: Tensors) => tf.Scalar;
  /** Changes the gradients before clipping. */
  readonly adjust?: (gradients: Tensors, params: Tensors, feeds: Tensors) => Tensors;
  /** Decides what a parameter becomes, given what it was and what the optimiser would subtract. */
  readonly settle?: (name: string, old: tf.Tensor, change: tf.Tensor, feeds: Tensors) => tf.Tensor;
  /** Norm over all gradients that clipping allows. */
  readonly clip: number;
  /** Decoupled weight decay by parameter name. */
  readonly decay: (name: string) => number;
}

const SCALARS = ['learningRate', 'correction1', 'correction2'];
const KINDS = ['value', 'first', 'second'] as const;

/** What one parameter carries: its value and Adam's two moments, each of the parameter's size. */
export type Slot = Record<(typeof KINDS)[number], Float32Array>;

/** The step as a function of feeds and weights, for `compile` or for eager execution. */
export function stepFunction(definition: StepDefinition): TensorFunction {
  const names = Object.keys(definition.params);
  return (feeds, weights) => {
    const params = Object.fromEntries(names.map((name) => [name, feeds[`value:${name}`]!]));
    const order = names.map((name) => params[name]!);
    const objective = (...values: tf.Tensor[]) =>
      definition.loss(Object.fromEntries(names.map((name, at) => [name, values[at]!])), feeds, weights);
    const { value: loss, grads } = tf.valueAndGrads(objective)(order);
    const raw = Object.fromEntries(names.map((name, at) => [name, grads[at]!]));
    const gradients = definition.adjust?.(raw, params, feeds) ?? raw;
    const { factor, norm } = clipFactor(Object.values(gradients), definition.clip);
    const scalars = {
      learningRate: feeds.learningRate!,
      correction1: feeds.correction1!,
      correction2: feeds.correction2!,
    };
    const results: Record<string, tf.Tensor> = { loss, gradientNorm: norm };
    const settle = definition.settle ?? subtract;
    for (const group of groups(definition)) {
      const pick = (from: Tensors) => joined(group, from);
      const feed = (kind: string) =>
        pick(Object.fromEntries(group.map((name) => [name, feeds[`${kind}:${name}`]!])));
      const old = { value: feed('value'), first: feed('first'), second: feed('second') };
      const update = adam(old, pick(gradients), factor, scalars, definition.decay(group[0]!));
      const part = (vector: tf.Tensor) => parted(group, vector, params);
      const [change, first, second] = [part(update.change), part(update.first), part(update.second)];
      for (const name of group) {
        results[`next:value:${name}`] = settle(name, params[name]!, change[name]!, feeds);
        results[`next:first:${name}`] = first[name]!;
        results[`next:second:${name}`] = second[name]!;
      }
    }
    return results;
  };
}

/** Parameters that the optimiser updates as one vector: small ones of equal decay. A large one is left as it is. */
function groups({ params, decay }: StepDefinition): string[][] {
  const found = new Map<string, string[]>();
  for (const [name, shape] of Object.entries(params)) {
    const small = shape.length < 2;
    const key = small ? `small ${decay(name)}` : name;
    found.set(key, [...(found.get(key) ?? []), name]);
  }
  return [...found.values()];
}

const subtract = (_name: string, old: tf.Tensor, change: tf.Tensor) => tf.sub(old, change);

export function stepSpecs(definition: StepDefinition): Record<string, FeedSpec> {
  const specs: Record<string, FeedSpec> = { ...definition.feeds };
  for (const name of SCALARS) specs[name] = { shape: [], dtype: 'float32' };
  for (const [name, shape] of Object.entries(definition.params)) {
    for (const kind of KINDS) specs[`${kind}:${name}`] = { shape, dtype: 'float32' };
  }
  return specs;
}

export interface StepResult {
  readonly loss: number;
  /** Norm over all gradients before clipping. */
  readonly gradientNorm: number;
}

/** A compiled step with its parameters. */
export class Stepper {
  readonly program: Program;
  readonly #names: readonly string[];
  #now: Record<string, Slot>;
  #next: Record<string, Slot>;

  private constructor(program: Program, params: StepDefinition['params'], slots: Record<string, Slot>) {
    this.program = program;
    this.#names = Object.keys(params);
    this.#now = slots;
    this.#next = Object.fromEntries(
      Object.entries(params).map(([name, shape]) => [
        name,
        emptySlot(shape.reduce((size, axis) => size * axis, 1)),
      ]),
    );
  }

  /** Compiles the step; `slots` are taken over and written to. They may be empty until `load` gives them. */
  static async compile(
    definition: StepDefinition,
    slots: Record<string, Slot>,
    options: CompileOptions = {},
  ): Promise<Stepper> {
    const specs = stepSpecs(definition);
    const program = await compile(stepFunction(definition), specs, {
      lean: true,
      ...options,
      weights: definition.weights,
    });
    return new Stepper(program, definition.params, slots);
  }

  /** Starts anew from other parameters of the same names and sizes; taken over and written to. */
  load(slots: Record<string, Slot>): void {
    this.#now = slots;
  }

  /** The parameters as they are now. */
  get slots(): Readonly<Record<string, Slot>> {
    return this.#now;
  }

  /**
   * @param step counted from 1
   * @throws CptError CPT_TRAIN where the loss is not finite; the parameters then are as they were.
   */
  async run(feeds: Feeds, step: number, learningRate: number): Promise<StepResult> {
    const { correction1, correction2 } = corrections(step);
    const inputs: Record<string, Feeds[string]> = {
      ...feeds,
      learningRate: Float32Array.of(learningRate),
      correction1: Float32Array.of(correction1),
      correction2: Float32Array.of(correction2),
    };
    const into: Record<string, Float32Array> = {};
    for (const name of this.#names) {
      for (const kind of KINDS) {
        inputs[`${kind}:${name}`] = this.#now[name]![kind];
        into[`next:${kind}:${name}`] = this.#next[name]![kind];
      }
    }
    const results = await this.program.run(inputs, into);
    const loss = Number(results.loss![0]);
    if (!Number.isFinite(loss)) {
      throw new CptError('CPT_TRAIN', `The loss is ${loss} at step ${step}.`, {
        hint: 'Lower the learning rate.',
      });
    }
    [this.#now, this.#next] = [this.#next, this.#now];
    return { loss, gradientNorm: Number(results.gradientNorm![0]) };
  }

  dispose(): Promise<void> {
    return this.program.dispose();
  }
}

export function emptySlot(size: number): Slot {
  return { value: new Float32Array(size), first: new Float32Array(size), second: new Float32Array(size) };
}

/** A parameter that starts at `value`, with empty moments. */
export function slotOf(value: Float32Array): Slot {
  return { ...emptySlot(value.length), value };
}
