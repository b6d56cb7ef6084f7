/**
 * A task's training step with made-up numbers: the base is frozen, plugins and task embeddings train, every other
 * neuron is claimed. torch_step.py builds the same one.
 */
import { eager, type Feeds, type OpenOptions, type Weight } from '../../src/engine/index.ts';
import { neuronShapes, pluginShapes } from '../../src/plugin/config.ts';
import { robertaShapes } from '../../src/roberta/weights.ts';
import { weightsFor } from '../../src/train/base.ts';
import { type BatchShape, batchShape } from '../../src/train/mlm.ts';
import {
  emptySlot,
  type Slot,
  type StepDefinition,
  Stepper,
  stepFunction,
  stepSpecs,
} from '../../src/train/step.ts';
import { taskStep } from '../../src/train/task-step.ts';
import type { Size } from './sizes.ts';

export const LEARNING_RATE = 1e-4;

export interface Task {
  readonly config: Size['config'];
  /** The definition's frozen weights. */
  readonly base: Record<string, Weight>;
  readonly definition: StepDefinition;
  readonly feeds: Readonly<Record<string, Feeds[string]>>;
  /** Parameters at their start; a step writes to them. */
  readonly slots: Record<string, Slot>;
}

/** Runs the step that is counted from 1. */
export type Run = (step: number) => Promise<unknown>;

export function makeTask({ config, plugin }: Size, batch: number, length: number): Task {
  const shape = batchShape(batch, length);
  const slots: Record<string, Slot> = {};
  for (const [name, axes] of Object.entries({ ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') })) {
    slots[name] = { ...emptySlot(count(axes)), value: noise(count(axes), axes.length === 2 ? 0.03 : 1) };
  }
  const feeds: Record<string, Feeds[string]> = {
    ...batchFeeds(shape, config.vocabSize),
    s: Float32Array.of(10),
  };
  for (const [name, [size]] of Object.entries(neuronShapes(plugin, 'claim'))) {
    feeds[name] = Float32Array.from({ length: size! }, (_, at) => at % 2);
  }
  const base = baseWeights(config);
  return { config, base, definition: taskStep(config, plugin, shape, base), feeds, slots };
}

export interface CompiledTask {
  readonly stepper: Stepper;
  readonly run: Run;
}

/**
 * Opens the step as a task does: for int8 on the base that its integers stand for, which is written over `base`.
 * @throws CptError CPT_ENGINE where the session cannot be opened
 */
export async function compileTask(
  { config, base, definition, slots, feeds }: Task,
  options: OpenOptions,
): Promise<CompiledTask> {
  // one after the other, so that no second base is there at any time
  for (const [name, shape] of Object.entries(robertaShapes(config))) {
    const weights = { [name]: base[name]!.data };
    const data = (await weightsFor({ config, weights }, options.precision ?? 'fp32'))[name]!;
    base[name] = { shape, data };
  }
  const stepper = await Stepper.compile(definition, slots, options);
  return { stepper, run: (step) => stepper.run(feeds, step, LEARNING_RATE) };
}

/** The same step on a tfjs backend, without compilation. */
export async function eagerTask({ definition, slots, feeds }: Task): Promise<Run> {
  const program = await eager(stepFunction(definition), stepSpecs(definition), {
    weights: definition.weights,
  });
  const inputs = { ...feeds };
  for (const name of ['learningRate', 'correction1', 'correction2'])
    inputs[name] = Float32Array.of(LEARNING_RATE);
  for (const [name, slot] of Object.entries(slots)) {
    for (const kind of ['value', 'first', 'second'] as const) inputs[`${kind}:${name}`] = slot[kind];
  }
  return () => program.run(inputs);
}

function batchFeeds(
  { batch, length, positions }: BatchShape,
  vocabSize: number,
): Record<string, Feeds[string]> {
  const id = (at: number, stride: number) => 5 + ((at * stride) % (vocabSize - 5));
  return {
    ids: Int32Array.from({ length: batch * length }, (_, at) => id(at, 7919)),
    attention: new Float32Array(batch * length).fill(1),
    positions: Int32Array.from({ length: positions }, (_, at) => Math.floor(at / 0.15)),
    labels: Int32Array.from({ length: positions }, (_, at) => id(at, 104729)),
    weights: new Float32Array(positions).fill(1),
  };
}

function baseWeights(config: Size['config']): Record<string, Weight> {
  return Object.fromEntries(
    Object.entries(robertaShapes(config)).map(([name, axes]) => {
      const normal = /(LayerNorm|layer_norm)\.weight$/.test(name);
      const data = normal ? new Float32Array(count(axes)).fill(1) : noise(count(axes), 0.03);
      return [name, { shape: axes, data }];
    }),
  );
}

function count(axes: readonly number[]): number {
  return axes.reduce((product, axis) => product * axis, 1);
}

/** Small irregular numbers, quickly made. */
export function noise(size: number, scale: number): Float32Array {
  const values = new Float32Array(size);
  let state = 12345;
  for (let at = 0; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    values[at] = (state / 2 ** 31) * scale;
  }
  return values;
}
