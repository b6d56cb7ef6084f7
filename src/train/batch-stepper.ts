/** Steps over masked batches, each in one pass or in parts: who trains need not know which. */
import type { Feeds, OpenOptions } from '../engine/index.ts';
import { cutBatch, type PartShape, partPositions } from '../text/cut.ts';
import type { MlmBatch } from '../text/mask.ts';
import { AccumulatingStepper } from './accumulate.ts';
import { mlmFeeds } from './evaluate.ts';
import { type BatchShape, MASK_RATE } from './mlm.ts';
import type { Slot, StepResult } from './slots.ts';
import { SCALAR, type StepDefinition, Stepper } from './step.ts';

export interface BatchStepper {
  /** Blocks in a pass. */
  readonly microBatch: number;
  /** What executes the step. */
  readonly provider: string;
  /** Starts anew from other parameters of the same names and sizes; taken over and written to. */
  load(slots: Record<string, Slot>): void;
  /** The parameters as they are now; on an accelerator they must be fetched first. */
  readonly slots: Readonly<Record<string, Slot>>;
  fetch(): Promise<Readonly<Record<string, Slot>>>;
  /**
   * @param extra feeds beside the batch's
   * @param step counted from 1
   * @param onPass called after each pass over a part of the batch
   * @throws CptError CPT_DIVERGED where loss or gradients are not finite; the parameters then are as they were.
   */
  run(
    batch: MlmBatch,
    extra: Feeds,
    step: number,
    learningRate: number,
    onPass?: () => void,
  ): Promise<StepResult>;
  dispose(): Promise<void>;
}

export interface BatchStepperOptions {
  /** Of the whole batch. */
  readonly shape: BatchShape;
  /** Most blocks in a pass. Where it is the batch or more, a step is one program; otherwise equal parts are cut. */
  readonly microBatch: number;
  /** Share of ids masked. */
  readonly rate?: number;
  /** The id of padding. */
  readonly pad: number;
}

/**
 * @param definitionOf the step over batches of a shape
 * @param slots taken over and written to; may be empty until `load` gives them
 */
export async function openBatchStepper(
  definitionOf: (shape: BatchShape) => StepDefinition,
  slots: Record<string, Slot>,
  { shape, microBatch, rate = MASK_RATE, pad }: BatchStepperOptions,
  options: OpenOptions = {},
): Promise<BatchStepper> {
  if (microBatch >= shape.batch)
    return whole(await Stepper.compile(definitionOf(shape), slots, options), shape);
  const { length } = shape;
  const blocks = Math.ceil(shape.batch / Math.ceil(shape.batch / microBatch));
  const part = { batch: blocks, length, positions: partPositions(blocks * length, rate) };
  const definition = definitionOf(part);
  const feeds = { ...definition.feeds, maskedTokens: SCALAR };
  return inParts(await AccumulatingStepper.compile({ ...definition, feeds }, slots, options), part, pad);
}

function whole(stepper: Stepper, { batch }: BatchShape): BatchStepper {
  return batched(stepper, batch, async (masked, extra, step, learningRate, onPass = () => {}) => {
    const result = await stepper.run({ ...mlmFeeds(masked), ...extra }, step, learningRate);
    onPass();
    return result;
  });
}

function inParts(stepper: AccumulatingStepper, part: PartShape, pad: number): BatchStepper {
  return batched(stepper, part.batch, (masked, extra, step, learningRate, onPass) => {
    const count = masked.weights.reduce((sum, weight) => sum + weight, 0);
    const common = { ...extra, maskedTokens: Float32Array.of(Math.max(1, count)) };
    const parts = cutBatch(masked, part, pad).map(mlmFeeds);
    return stepper.run(parts, common, step, learningRate, onPass);
  });
}

/** What is alike, however a step runs. */
function batched(
  stepper: Stepper | AccumulatingStepper,
  microBatch: number,
  run: BatchStepper['run'],
): BatchStepper {
  return {
    microBatch,
    provider: stepper.provider,
    load: (slots) => stepper.load(slots),
    get slots() {
      return stepper.slots;
    },
    fetch: () => stepper.fetch(),
    run,
    dispose: () => stepper.dispose(),
  };
}
