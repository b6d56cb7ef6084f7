/**
 * A step over a batch in parts, for batches whose intermediate values do not fit in memory at once: one program adds
 * a part's gradients to sums, another one updates the parameters from these. The result is that of the whole batch
 * but for rounding, since the sums are added up in another order.
 */

import * as tf from '@tensorflow/tfjs';
import { type Feeds, type OpenOptions, open, type Program } from '../engine/index.ts';
import { finite, KINDS, type Slot, SlotPair, type StepResult } from './slots.ts';
import { paramSpecs, type StepDefinition, stepSpecs } from './step.ts';
import { lossAndGradients, named, updated } from './update.ts';

const SUM = 'sum';

export class AccumulatingStepper {
  readonly #gradients: Program;
  readonly #update: Program;
  readonly #slots: SlotPair;
  readonly #sums: Readonly<Record<string, Float32Array>>;

  private constructor(gradients: Program, update: Program, slots: SlotPair) {
    this.#gradients = gradients;
    this.#update = update;
    this.#slots = slots;
    this.#sums = Object.fromEntries(
      Object.entries(slots.next).map(([name, { value }]) => [name, new Float32Array(value.length)]),
    );
  }

  /**
   * @param definition of a part; its loss is a part's share of the batch's
   * @param slots taken over and written to; may be empty until `load` gives them
   */
  static async compile(
    definition: StepDefinition,
    slots: Record<string, Slot>,
    options: OpenOptions = {},
  ): Promise<AccumulatingStepper> {
    const names = Object.keys(definition.params);
    const lean = { lean: true, ...options };
    const pair = new SlotPair(definition.params, slots);
    const { memory } = pair;
    const { terms } = definition;
    const batch = terms?.batch ?? definition.loss;
    const gradients = await open(
      (feeds, weights) => {
        const part = lossAndGradients(batch, named(names, 'value', feeds), feeds, weights);
        const sums = names.map((name) => {
          return [`next:${SUM}:${name}`, tf.add(feeds[`${SUM}:${name}`]!, part.gradients[name]!)] as const;
        });
        return { loss: part.loss, ...Object.fromEntries(sums) };
      },
      { ...definition.feeds, ...paramSpecs(definition, ['value', SUM]) },
      {
        ...lean,
        weights: definition.weights,
        resident: { memory, outputs: names.map((name) => `next:${SUM}:${name}`) },
      },
    );
    const update = await open(
      (feeds) => {
        const params = named(names, 'value', feeds);
        const sums = named(names, SUM, feeds);
        if (terms === undefined) return updated(definition, params, sums, feeds);
        const own = named(terms.params, 'value', feeds);
        const { loss, gradients } = lossAndGradients(terms.once, own, feeds, {});
        for (const name of terms.params) sums[name] = tf.add(sums[name]!, gradients[name]!);
        return { loss, ...updated(definition, params, sums, feeds) };
      },
      { ...stepSpecs(definition), ...paramSpecs(definition, [...KINDS, SUM]) },
      { ...lean, resident: pair.resident },
    );
    return new AccumulatingStepper(gradients, update, pair);
  }

  load(slots: Record<string, Slot>): void {
    this.#slots.load(slots);
  }

  get slots(): Readonly<Record<string, Slot>> {
    return this.#slots.now;
  }

  fetch(): Promise<Readonly<Record<string, Slot>>> {
    return this.#slots.fetch();
  }

  /**
   * @param parts feeds of each part, in order
   * @param common feeds of all parts and of the update
   * @param step counted from 1
   * @param onPart called after each part
   * @throws CptError CPT_DIVERGED where loss or gradients are not finite; the parameters then are as they were.
   */
  async run(
    parts: readonly Feeds[],
    common: Feeds,
    step: number,
    learningRate: number,
    onPart: () => void = () => {},
  ): Promise<StepResult> {
    const { inputs, into } = this.#slots.update(step, learningRate);
    let loss = 0;
    for (const [at, part] of parts.entries()) {
      // Sums go to and fro between two buffers, so that none is read and written at once; the last one must be ours.
      const [from, to] =
        (parts.length - at) % 2 === 1 ? [this.#spare, this.#sums] : [this.#sums, this.#spare];
      if (at === 0) {
        this.#slots.memory.forget(Object.values(from));
        for (const sum of Object.values(from)) sum.fill(0);
      }
      const sums = { ...prefixed(SUM, from), ...part, ...common, ...inputs };
      const results = await this.#gradients.run(sums, prefixed(`next:${SUM}`, to));
      loss += Number(results.loss![0]);
      finite(loss, 0, step);
      onPart();
    }
    const results = await this.#update.run({ ...common, ...inputs, ...prefixed(SUM, this.#sums) }, into);
    const result = finite(loss + Number(results.loss?.[0] ?? 0), Number(results.gradientNorm![0]), step);
    this.#slots.swap();
    return result;
  }

  get provider(): string {
    return this.#gradients.provider;
  }

  async dispose(): Promise<void> {
    this.#slots.memory.dispose();
    await this.#gradients.dispose();
    await this.#update.dispose();
  }

  /** The buffers that the update will write its values to: until then they are free. */
  get #spare(): Readonly<Record<string, Float32Array>> {
    return Object.fromEntries(Object.entries(this.#slots.next).map(([name, { value }]) => [name, value]));
  }
}

function prefixed(
  kind: string,
  values: Readonly<Record<string, Float32Array>>,
): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}:${name}`, value]));
}
