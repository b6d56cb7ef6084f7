/** One task: a domain's text trains plugins and task embeddings on a frozen base; the open loop, nothing else. */
import type { OpenOptions } from '../engine/index.ts';
import { CptError } from '../errors.ts';
import { activeSet } from '../plugin/active-set.ts';
import type { PluginConfig } from '../plugin/config.ts';
import { type Kept, keptOf } from '../plugin/kept.ts';
import { binarise } from '../plugin/mask.ts';
import { claimFeeds } from '../plugin/neurons.ts';
import { type Written, written } from '../plugin/written.ts';
import { makeRng, type Rng } from '../rng.ts';
import { shapedWeights } from '../roberta/weights.ts';
import { maskBatch } from '../text/mask.ts';
import type { BaseModel } from './base.ts';
import { type BatchStepper, openBatchStepper } from './batch-stepper.ts';
import { type Lineage, lineageUses, type Version } from './lineage.ts';
import { microBatchFor } from './micro-batch.ts';
import { type BatchShape, batchShape } from './mlm.ts';
import type { TaskOptions } from './options.ts';
import { rehearse } from './rehearse.ts';
import { gateScaleAt, learningRateAt, linearSchedule } from './schedule.ts';
import type { Slot } from './slots.ts';
import { startSlots } from './start-slots.ts';
import { taskStep } from './task-step.ts';

export interface TaskProgress {
  readonly step: number;
  readonly steps: number;
  /** Tokens of this step. */
  readonly tokens: number;
  readonly loss: number;
}

/** A task between two steps: with the task's own inputs, all that the rest of it depends on. */
export interface TaskState {
  /** The last step done, counted from 1. */
  readonly step: number;
  /** By name: plugin weights and task embeddings. */
  readonly slots: Readonly<Record<string, Slot>>;
}

/** What a task tells while it runs, and where it goes on from. */
export interface TaskHooks {
  /** Before the first step, also where it goes on from a later one. */
  readonly onStart?: (steps: number) => void;
  readonly onStep?: (progress: TaskProgress) => void;
  /** Seconds, from any zero; without it a proof's duration is 0. */
  readonly clock?: () => number;
  /** A sign of life, after each pass of a step and each part of an evaluation. */
  readonly onPass?: () => void;
  /** What an earlier attempt at the same task saved; its result will be the same. */
  readonly resume?: TaskState | null;
  /**
   * May save the state, after each step. The arrays are written to as soon as it returns.
   * @param fetch brings the parameters here from where the step runs, which takes time
   */
  readonly save?: (step: number, fetch: () => Promise<TaskState['slots']>) => Promise<void>;
}

export interface Trained {
  readonly kept: Kept;
  /** What of the lineage's neurons is new or changed. */
  readonly written: Written;
  /** First-layer neurons of the lineage now. */
  readonly widths: Lineage['widths'];
  readonly steps: number;
  /** Token positions trained on, padding counted. */
  readonly tokens: number;
}

/** Steps of a task over `blocks` blocks. */
export function stepCount(blocks: number, { passes, batch, minSteps, maxSteps }: TaskOptions): number {
  return Math.max(minSteps, Math.min(maxSteps, Math.ceil((passes * blocks) / batch)));
}

/** Trains tasks of one lineage; compiled once: an active set has the same size in every task. */
export class TaskTrainer {
  readonly #base: BaseModel;
  readonly #options: TaskOptions;
  readonly #stepper: BatchStepper;
  readonly #plugin: PluginConfig;

  private constructor(base: BaseModel, plugin: PluginConfig, options: TaskOptions, stepper: BatchStepper) {
    this.#base = base;
    this.#plugin = plugin;
    this.#options = options;
    this.#stepper = stepper;
  }

  static async open(
    base: BaseModel,
    plugin: PluginConfig,
    options: TaskOptions,
    compileOptions: OpenOptions = {},
  ): Promise<TaskTrainer> {
    const shape = batchShape(options.batch, options.length);
    const microBatch = microBatchFor(base.config, options);
    const weights = shapedWeights(base.config, base.weights);
    const definitionOf = (of: BatchShape) => taskStep(base.config, plugin, of, weights, options);
    const pad = base.tokenizer.special.pad;
    const stepper = await openBatchStepper(
      definitionOf,
      {},
      { shape, microBatch, pad },
      { ...compileOptions, precision: options.precision },
    );
    try {
      if ((compileOptions.device ?? 'cpu') !== 'cpu') await rehearse(stepper, base, plugin, options);
    } catch (error) {
      await stepper.dispose();
      throw error;
    }
    return new TaskTrainer(base, plugin, options, stepper);
  }

  /** Blocks in one pass. */
  get microBatch(): number {
    return this.#stepper.microBatch;
  }

  get provider(): string {
    return this.#stepper.provider;
  }

  /**
   * Trains the lineage's next task; the lineage itself is left as it is.
   * @param blocks the domain's training text, each [length] ids
   * @param near versions whose neurons it may build on, nearest first
   * @param start an earlier version of the same domain to go on from, or null
   * @throws CptError CPT_TRAIN where there is nothing to train on, CPT_DIVERGED where loss or gradients are not finite,
   *   CPT_STATE where a neuron is missing
   */
  async train(
    lineage: Lineage,
    blocks: readonly Int32Array[],
    near: readonly Version[],
    start: Version | null,
    { onStart, onStep, onPass, resume, save }: TaskHooks = {},
  ): Promise<Trained> {
    if (blocks.length === 0) throw new CptError('CPT_TRAIN', 'The domain has no text to train on.');
    const { batch, length, learningRate, warmup, sMax, freeShare } = this.#options;
    const rng = makeRng(this.#options.seed).fork(`task-${lineage.tasks + 1}`);
    const steps = stepCount(blocks.length, this.#options);
    const schedule = linearSchedule(learningRate, steps, warmup);
    const uses = lineageUses(lineage);
    const keptNear = near.map((version) => version.kept);
    const active = activeSet(this.#plugin, lineage.widths, uses, keptNear, freeShare);
    const claims = claimFeeds(active, uses);
    const { positions } = batchShape(batch, length);
    const masking = {
      vocabSize: this.#base.config.vocabSize,
      special: this.#base.tokenizer.special,
      positions,
    };
    const order = blockOrder(blocks.length, steps * batch, rng.fork('order'));
    this.#stepper.load(resume?.slots ?? startSlots(lineage, active, uses, start, rng));
    onStart?.(steps);
    for (let step = (resume?.step ?? 0) + 1; step <= steps; step++) {
      const chosen = order.slice((step - 1) * batch, step * batch).map((at) => blocks[at]!);
      const masked = maskBatch(chosen, masking, rng.fork(`mask-${step}`));
      const s = Float32Array.of(gateScaleAt(step, steps, sMax));
      const rate = learningRateAt(schedule, step);
      const { loss } = await this.#stepper.run(masked, { ...claims, s }, step, rate, onPass);
      onStep?.({ step, steps, tokens: batch * length, loss });
      await save?.(step, () => this.#stepper.fetch());
    }
    const trained = Object.entries(await this.#stepper.fetch()).map(([name, { value }]) => [name, value]);
    const values = Object.fromEntries(trained) as Record<string, Float32Array>;
    const masks = binarise(this.#plugin, (name) => values[name]!);
    const kept = keptOf(masks, active.neurons);
    return {
      kept,
      written: written(this.#plugin, active, values, kept, uses, lineage.archive),
      widths: active.widths,
      steps,
      tokens: steps * batch * length,
    };
  }

  dispose(): Promise<void> {
    return this.#stepper.dispose();
  }
}

/** `wanted` block numbers, pass after pass, each pass in an order of its own. */
function blockOrder(blocks: number, wanted: number, rng: Rng): number[] {
  const order: number[] = [];
  for (let pass = 0; order.length < wanted; pass++) {
    order.push(...rng.fork(pass).shuffle(Array.from({ length: blocks }, (_, at) => at)));
  }
  return order.slice(0, wanted);
}
