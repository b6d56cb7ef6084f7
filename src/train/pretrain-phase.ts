/** One phase of a pre-training while it runs: its compiled step, its blocks, the weights that train and the others. */
import type { OpenOptions } from '../engine/index.ts';
import type { Rng } from '../rng.ts';
import type { RobertaConfig } from '../roberta/config.ts';
import { robertaShapes } from '../roberta/weights.ts';
import type { TokenIds } from '../text/corpus.ts';
import { maskBatch } from '../text/mask.ts';
import type { SpecialTokens } from '../text/tokenizer.ts';
import { openBatchStepper } from './batch-stepper.ts';
import { microBatchFor } from './micro-batch.ts';
import { batchShape } from './mlm.ts';
import { optimiserStart, type Place, phasesDone, type Round, roundProgress } from './pretrain-plan.ts';
import { pretrainStep, trainedShapes } from './pretrain-step.ts';
import { rateAt } from './schedule.ts';
import type { Slot } from './slots.ts';
import { idsRead, phaseBlocks } from './token-stream.ts';

export type Slots = Readonly<Record<string, Slot>>;

export interface PhaseInput {
  readonly config: RobertaConfig;
  readonly special: SpecialTokens;
  readonly tokens: TokenIds;
  readonly rng: Rng;
  /** Every weight with its moments; those that train are taken over and written to. */
  readonly slots: Slots;
  readonly rounds: readonly Round[];
  readonly place: Place;
}

export interface OpenPhase {
  readonly round: number;
  readonly phase: number;
  /**
   * @param step counted from 1 over the whole training
   * @returns the loss
   * @throws CptError CPT_DIVERGED where it is not finite
   */
  run(rounds: readonly Round[], place: Place, step: number): Promise<number>;
  /** The weights that train, as they are now. */
  trained(): Promise<Slots>;
  dispose(): Promise<void>;
}

/** @param step the next one, counted from 1 */
export async function openPhase(
  { config, special, tokens, rng, slots, rounds, place }: PhaseInput,
  step: number,
  options: OpenOptions,
): Promise<OpenPhase> {
  const { trains, phases } = rounds[place.round]!;
  const { batch, length, maskRate } = phases[place.phase]!;
  const shape = batchShape(batch, length, maskRate);
  const params = trainedShapes(config, trains);
  const own = Object.fromEntries(Object.keys(params).map((name) => [name, slots[name]!]));
  const frozen = Object.fromEntries(
    Object.entries(robertaShapes(config))
      .filter(([name]) => params[name] === undefined)
      .map(([name, shape]) => [name, { shape, data: slots[name]!.value }]),
  );
  const stepper = await openBatchStepper(
    (part) => pretrainStep(config, part, trains, frozen),
    own,
    {
      shape,
      microBatch: microBatchFor(config, { batch, length, microBatch: 0 }),
      rate: maskRate,
      pad: special.pad,
    },
    options,
  );
  const first = step - place.done;
  const cursor = idsRead(phasesDone(rounds, first - 1));
  const blocks = phaseBlocks(tokens, cursor, { batch, length }, special, rng.fork(`phase-${first}`));
  const masking = { vocabSize: config.vocabSize, special, rate: maskRate, positions: shape.positions };
  return {
    round: place.round,
    phase: place.phase,
    async run(now, at, step) {
      const masked = maskBatch(blocks(at.done), masking, rng.fork(`mask-${step}`));
      const { rate } = now[at.round]!;
      const learningRate = rateAt(rate, roundProgress(now[at.round]!, at));
      const adamStep = step - optimiserStart(now, at.round);
      return (await stepper.run(masked, {}, adamStep, learningRate)).loss;
    },
    trained: () => stepper.fetch(),
    dispose: () => stepper.dispose(),
  };
}
