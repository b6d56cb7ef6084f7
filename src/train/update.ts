/** The two halves of a step as tensor functions: loss with gradients, and what the optimiser makes of these. */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../engine/index.ts';
import { adam, clipFactor } from './adam.ts';
import { joined, parted } from './joined.ts';
import type { Loss, StepDefinition } from './step.ts';

/** The feeds `<kind>:<name>` by name. */
export function named(names: readonly string[], kind: string, feeds: Tensors): Record<string, tf.Tensor> {
  return Object.fromEntries(names.map((name) => [name, feeds[`${kind}:${name}`]!]));
}

export function lossAndGradients(
  lossOf: Loss,
  params: Tensors,
  feeds: Tensors,
  weights: Tensors,
): { loss: tf.Scalar; gradients: Record<string, tf.Tensor> } {
  const names = Object.keys(params);
  const objective = (...values: tf.Tensor[]) =>
    lossOf(Object.fromEntries(names.map((name, at) => [name, values[at]!])), feeds, weights);
  const { value: loss, grads } = tf.valueAndGrads(objective)(names.map((name) => params[name]!));
  return {
    loss: loss as tf.Scalar,
    gradients: Object.fromEntries(names.map((name, at) => [name, grads[at]!])),
  };
}

/** What the optimiser makes of the gradients: `gradientNorm` and for each parameter `next:<kind>:<name>`. */
export function updated(
  definition: StepDefinition,
  params: Tensors,
  raw: Tensors,
  feeds: Tensors,
): Record<string, tf.Tensor> {
  const gradients = definition.adjust?.(raw, params, feeds) ?? raw;
  const { factor, norm } = clipFactor(Object.values(gradients), definition.clip);
  const scalars = {
    learningRate: feeds.learningRate!,
    correction1: feeds.correction1!,
    correction2: feeds.correction2!,
  };
  const results: Record<string, tf.Tensor> = { gradientNorm: norm };
  const settle = definition.settle ?? subtract;
  for (const group of groups(definition)) {
    const feed = (kind: string) => joined(group, named(group, kind, feeds));
    const old = { value: feed('value'), first: feed('first'), second: feed('second') };
    const update = adam(old, joined(group, gradients), factor, scalars, definition.decay(group[0]!));
    const part = (vector: tf.Tensor) => parted(group, vector, params);
    const [change, first, second] = [part(update.change), part(update.first), part(update.second)];
    for (const name of group) {
      results[`next:value:${name}`] = settle(name, params[name]!, change[name]!, feeds);
      results[`next:first:${name}`] = first[name]!;
      results[`next:second:${name}`] = second[name]!;
    }
  }
  return results;
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
