/** Pre-training of a base on a token stream: resumable at any saved step with the same result. */
import type { CompileOptions, OpenOptions } from '../engine/index.ts';
import { makeRng } from '../rng.ts';
import { maxLength, type RobertaConfig } from '../roberta/config.ts';
import { robertaShapes } from '../roberta/weights.ts';
import type { TokenIds } from '../text/corpus.ts';
import type { SpecialTokens } from '../text/tokenizer.ts';
import { averageEvery, averageIn, averageWeight } from './average.ts';
import { compileEvaluator, type Evaluation, heldOutBatches } from './evaluate.ts';
import { type BatchShape, batchShape, MASK_RATE } from './mlm.ts';
import { type OpenPhase, openPhase, type Slots } from './pretrain-phase.ts';
import { optimiserStart, type Place, placeOf, type Round, roundStart, tokensDone } from './pretrain-plan.ts';
import { slotOf } from './slots.ts';
import { blocksOf } from './token-stream.ts';

export interface PretrainJob {
  readonly config: RobertaConfig;
  readonly special: SpecialTokens;
  readonly seed: string;
  /** Steps between evaluations, each followed by a save; a phase's end is one too. */
  readonly saveEvery: number;
  /** The training text as one stream of ids. */
  readonly tokens: TokenIds;
  /** Text that is never trained on. */
  readonly heldOut: TokenIds;
}

export interface CurvePoint {
  readonly step: number;
  readonly tokens: number;
  /** Mean since the point before. */
  readonly trainLoss: number;
  readonly heldOut: Evaluation;
  /** Of the averaged weights, where an average is kept. */
  readonly average?: Evaluation;
}

export type Values = Readonly<Record<string, Float32Array>>;

export interface PretrainState {
  readonly step: number;
  /** What was done and what is to be done. */
  readonly rounds: readonly Round[];
  readonly slots: Slots;
  /** Averages of the weights that train, or null where none is kept. */
  readonly average: Values | null;
  readonly curve: readonly CurvePoint[];
}

export interface PretrainEffects {
  /** Asked before every step: may decide anew how many steps the phases that are not over have. */
  pace(rounds: readonly Round[], step: number): readonly Round[];
  save(state: PretrainState): Promise<void>;
  progress(step: number, loss: number): void;
}

/** Goes on from a state to the end of its rounds. The state's arrays are taken over and written to. */
export async function pretrain(
  job: PretrainJob,
  from: PretrainState,
  effects: PretrainEffects,
  options: OpenOptions = {},
): Promise<PretrainState> {
  const rng = makeRng(job.seed);
  const evaluate = await openEvaluation(job, options);
  let { step, rounds, slots, average, curve } = from;
  let open: OpenPhase | null = null;
  let losses: number[] = [];

  const fetch = async (): Promise<void> => {
    if (open !== null) slots = { ...slots, ...(await open.trained()) };
  };
  const save = async (): Promise<void> => {
    await fetch();
    const point = {
      step,
      tokens: tokensDone(rounds, step),
      trainLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
      ...(await evaluate.weights(slots, average)),
    };
    curve = [...curve, point];
    losses = [];
    await effects.save({ step, rounds, slots, average, curve });
  };

  try {
    for (;;) {
      rounds = effects.pace(rounds, step);
      const place = placeOf(rounds, step + 1);
      if (place === null) break;
      step += 1;
      if (open === null || !within(open, place)) {
        await fetch();
        await open?.dispose();
        if (step - 1 === optimiserStart(rounds, place.round)) slots = withoutMoments(slots);
        open = await openPhase({ ...job, rng, slots, rounds, place }, step, options);
      }
      const loss = await open.run(rounds, place, step);
      losses.push(loss);
      average = await averaged(average, open, rounds[place.round]!, step - roundStart(rounds, place.round));
      effects.progress(step, loss);
      const next = placeOf(rounds, step + 1);
      if (step % job.saveEvery === 0 || next === null || !within(place, next)) await save();
    }
    if (losses.length > 0) await save();
    return { step, rounds, slots, average, curve };
  } finally {
    await open?.dispose();
    await evaluate.dispose();
  }
}

function within(a: Omit<Place, 'done'>, b: Omit<Place, 'done'>): boolean {
  return a.round === b.round && a.phase === b.phase;
}

function withoutMoments(slots: Slots): Slots {
  return Object.fromEntries(Object.entries(slots).map(([name, { value }]) => [name, slotOf(value)]));
}

/** @param step of the round, counted from 1: the average begins anew with it */
async function averaged(
  before: Values | null,
  phase: OpenPhase,
  { halfLife }: Round,
  step: number,
): Promise<Values | null> {
  const average = step === 1 ? null : before;
  const every = averageEvery(halfLife);
  if (halfLife === 0 || step % every !== 0) return average;
  const values = valuesOf(await phase.trained());
  if (average === null)
    return Object.fromEntries(Object.entries(values).map(([name, own]) => [name, own.slice()]));
  averageIn(average, values, averageWeight(step / every, halfLife));
  return average;
}

export function valuesOf(slots: Slots): Values {
  return Object.fromEntries(Object.entries(slots).map(([name, { value }]) => [name, value]));
}

/** The one shape in which every point of the curve is measured, whatever the phases' shapes. */
export function evaluationShape(config: RobertaConfig): BatchShape {
  return batchShape(16, Math.min(128, maxLength(config)));
}

async function openEvaluation({ config, special, heldOut }: PretrainJob, compileOptions: CompileOptions) {
  const shape = evaluationShape(config);
  const params = robertaShapes(config);
  const evaluator = await compileEvaluator(config, shape, {}, params, undefined, compileOptions);
  const masking = { vocabSize: config.vocabSize, special, rate: MASK_RATE };
  const batches = heldOutBatches(blocksOf(heldOut, shape.length, special), shape, masking);
  return {
    async weights(slots: Slots, average: Values | null) {
      const values = valuesOf(slots);
      const measured = { heldOut: await evaluator.evaluate(batches, values) };
      if (average === null) return measured;
      return { ...measured, average: await evaluator.evaluate(batches, { ...values, ...average }) };
    },
    dispose: () => evaluator.dispose(),
  };
}
