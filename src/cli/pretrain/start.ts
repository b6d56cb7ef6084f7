/** The state that a sitting starts from. */
import { CptError } from '../../errors.ts';
import { makeRng } from '../../rng.ts';
import type { TokenIds } from '../../text/corpus.ts';
import type { Tokenizer } from '../../text/tokenizer.ts';
import { freshWeights } from '../../train/pretrain-init.ts';
import { placeOf, type Round } from '../../train/pretrain-plan.ts';
import { slotOf } from '../../train/slots.ts';
import type { CommandArgs } from '../command.ts';
import { aboutOf, NOTHING_KNOWN } from './about.ts';
import { modelConfig, type Plan } from './plan.ts';
import { nextRounds } from './rounds.ts';
import type { SavedState } from './state-folder.ts';

type Flags = CommandArgs['flags'];

/** Of a new model. */
export function firstState(
  plan: Plan,
  rounds: readonly Round[],
  flags: Flags,
  { vocabSize, special }: Tokenizer,
  tokens: TokenIds,
): SavedState {
  const config = modelConfig(plan.sizes, vocabSize, special.pad);
  const weights = freshWeights(config, special, tokens, makeRng(plan.seed).fork('init'));
  return {
    step: 0,
    config,
    seed: plan.seed,
    about: aboutOf(flags, NOTHING_KNOWN),
    rounds,
    slots: Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, slotOf(value)])),
    average: null,
    curve: [],
  };
}

/**
 * Of a training that is gone on with.
 * @throws CptError CPT_USAGE where it is at its end and no more is asked for
 */
export function resumedState(saved: SavedState, plan: Plan, flags: Flags): SavedState {
  const rounds = nextRounds(plan.course, saved.rounds, saved.step);
  if (flags.export !== true && placeOf(rounds, saved.step + 1) === null) {
    throw new CptError('CPT_USAGE', 'This pre-training is at its end.', {
      hint: 'Say how much further: --minutes N, --steps N or --phases LIST; or write the model with --export.',
    });
  }
  return { ...saved, rounds, about: aboutOf(flags, saved.about) };
}
