/** Pre-training of a base on a token stream: resumable at any saved step with the same result. */
import type { CompileOptions } from '../engine/index.ts';
import { makeRng, type Rng } from '../rng.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import {
  initialWeights,
  POSITION_EMBEDDINGS,
  robertaShapes,
  sinusoidalPositions,
} from '../roberta/weights.ts';
import { maskBatch } from '../text/mask.ts';
import type { SpecialTokens } from '../text/tokenizer.ts';
import { compileEvaluator, type Evaluation, heldOutBatches, mlmFeeds } from './evaluate.ts';
import { batchShape, MASK_RATE } from './mlm.ts';
import { pretrainStep } from './pretrain-step.ts';
import { learningRateAt } from './schedule.ts';
import { type Slot, Stepper, slotOf } from './step.ts';

export interface PretrainOptions {
  readonly config: RobertaConfig;
  readonly special: SpecialTokens;
  /** Blocks in a step. */
  readonly batch: number;
  /** Tokens in a block, the two that frame it included. */
  readonly length: number;
  readonly steps: number;
  readonly learningRate: number;
  readonly warmup: number;
  /** Steps of the final fall of the rate to zero. */
  readonly decay: number;
  /** Share of tokens masked while training; evaluation masks 15 %. */
  readonly maskRate: number;
  readonly seed: string;
  /** Steps between evaluations, each followed by a save. */
  readonly saveEvery: number;
}

export interface CurvePoint {
  readonly step: number;
  readonly tokens: number;
  readonly trainLoss: number;
  readonly heldOut: Evaluation;
}

export interface PretrainState {
  readonly step: number;
  readonly slots: Readonly<Record<string, Slot>>;
  readonly curve: readonly CurvePoint[];
}

export interface PretrainEffects {
  save(state: PretrainState): Promise<void>;
  progress(step: number, loss: number): void;
}

/**
 * @param tokens the training text as one stream of ids
 * @param heldOut text that is never trained on
 * @param from a saved state, or null to start anew
 */
export async function pretrain(
  tokens: Uint16Array,
  heldOut: Uint16Array,
  options: PretrainOptions,
  from: PretrainState | null,
  effects: PretrainEffects,
  compileOptions: CompileOptions = {},
): Promise<PretrainState> {
  const { config, special } = options;
  const rng = makeRng(options.seed);
  const shape = batchShape(options.batch, options.length, options.maskRate);
  const slots = from?.slots ?? freshSlots(config, rng.fork('init'));
  const stepper = await Stepper.compile(pretrainStep(config, shape), { ...slots }, compileOptions);
  const params = robertaShapes(config);
  const evalShape = batchShape(options.batch, options.length, MASK_RATE);
  const evaluator = await compileEvaluator(config, evalShape, {}, params, undefined, compileOptions);
  const masking = { vocabSize: config.vocabSize, special };
  const evalBlocks = blocksOf(heldOut, options.length, special);
  const evalBatches = heldOutBatches(evalBlocks, evalShape, { ...masking, rate: MASK_RATE });
  const blocks = blockCount(tokens, options.length);
  const perEpoch = Math.floor(blocks / options.batch);
  let order: Uint32Array | undefined;
  let orderEpoch = -1;
  let curve = from?.curve ?? [];
  let lossSum = 0;
  let lossCount = 0;
  for (let step = (from?.step ?? 0) + 1; step <= options.steps; step++) {
    const epoch = Math.floor((step - 1) / perEpoch);
    if (order === undefined || epoch !== orderEpoch) {
      order = rng.fork(`epoch-${epoch}`).shuffle(Uint32Array.from({ length: blocks }, (_, at) => at));
      orderEpoch = epoch;
    }
    const first = ((step - 1) % perEpoch) * options.batch;
    const chosen = Array.from(order.subarray(first, first + options.batch), (at) =>
      blockAt(tokens, at, options.length, special),
    );
    const batch = maskBatch(
      chosen,
      { ...masking, rate: options.maskRate, positions: shape.positions },
      rng.fork(`mask-${step}`),
    );
    const rate = learningRateAt({ peak: options.learningRate, ...options }, step);
    const { loss } = await stepper.run(mlmFeeds(batch), step, rate);
    lossSum += loss;
    lossCount += 1;
    effects.progress(step, loss);
    if (step % options.saveEvery === 0 || step === options.steps) {
      const values = Object.fromEntries(
        Object.entries(stepper.slots).map(([name, slot]) => [name, slot.value]),
      );
      const point = {
        step,
        tokens: step * options.batch * options.length,
        trainLoss: lossSum / lossCount,
        heldOut: await evaluator.evaluate(evalBatches, values),
      };
      curve = [...curve, point];
      lossSum = 0;
      lossCount = 0;
      await effects.save({ step, slots: stepper.slots, curve });
    }
  }
  await evaluator.dispose();
  await stepper.dispose();
  return { step: options.steps, slots: stepper.slots, curve };
}

const POSITION_SCALE = 0.04;

function freshSlots(config: RobertaConfig, rng: Rng): Record<string, Slot> {
  const weights = {
    ...initialWeights(config, rng),
    [POSITION_EMBEDDINGS]: sinusoidalPositions(config, POSITION_SCALE),
  };
  return Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, slotOf(value)]));
}

/** A whole stream as blocks; what does not fill the last one is left out. */
export function blocksOf(tokens: Uint16Array, length: number, special: SpecialTokens): Int32Array[] {
  return Array.from({ length: blockCount(tokens, length) }, (_, at) => blockAt(tokens, at, length, special));
}

function blockCount(tokens: Uint16Array, length: number): number {
  return Math.floor(tokens.length / (length - 2));
}

/** Block `at` of a stream: `<s>`, length - 2 tokens, `</s>`. */
function blockAt(tokens: Uint16Array, at: number, length: number, special: SpecialTokens): Int32Array {
  const block = new Int32Array(length);
  block[0] = special.bos;
  block.set(tokens.subarray(at * (length - 2), (at + 1) * (length - 2)), 1);
  block[length - 1] = special.eos;
  return block;
}
