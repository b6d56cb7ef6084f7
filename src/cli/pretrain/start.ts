/** What a sitting starts from: chance, a base model, or a saved state. */
import path from 'node:path';
import { loadBase } from '../../edge/base.ts';
import { CptError } from '../../errors.ts';
import { makeRng } from '../../rng.ts';
import { maxLength, type RobertaConfig } from '../../roberta/config.ts';
import type { TokenIds } from '../../text/corpus.ts';
import { loadTokenizer, type Tokenizer } from '../../text/tokenizer.ts';
import type { Values } from '../../train/pretrain.ts';
import { frequencyBias, freshWeights } from '../../train/pretrain-init.ts';
import { placeOf, type Round } from '../../train/pretrain-plan.ts';
import { slotOf } from '../../train/slots.ts';
import type { OpenedBase } from '../base.ts';
import type { CommandArgs } from '../command.ts';
import { type About, aboutOf, NOTHING_KNOWN } from './about.ts';
import { type ModelFiles, readModelFiles, TOKENIZER } from './model-files.ts';
import { modelConfig, type Plan } from './plan.ts';
import { baseRounds, firstRounds, nextRounds } from './rounds.ts';
import type { SavedState } from './state-folder.ts';

type Flags = CommandArgs['flags'];

export interface Start {
  readonly tokenizer: Tokenizer;
  /** What stands beside the weights. */
  readonly files: ModelFiles;
  /** @param tokens the text to train on */
  state(tokens: TokenIds): SavedState;
}

/** @param folder of the tokenizer */
export function startByChance(plan: Plan, flags: Flags, folder: string): Start {
  const rounds = firstRounds(plan.course, plan.sizes.maxLength);
  const files = readModelFiles(folder);
  const tokenizer = loadTokenizer(files[TOKENIZER]!);
  const { vocabSize, special } = tokenizer;
  const config = modelConfig(plan.sizes, vocabSize, special.pad);
  return {
    tokenizer,
    files,
    state: (tokens) => {
      const weights = freshWeights(config, special, tokens, makeRng(plan.seed).fork('init'));
      return beginning(plan, config, rounds, weights, aboutOf(flags, NOTHING_KNOWN));
    },
  };
}

/** @throws CptError CPT_BASE, CPT_TOKENIZER, CPT_SAFETENSORS */
export async function startFromBase(
  plan: Plan,
  flags: Flags,
  { folder, name, pin }: OpenedBase,
): Promise<Start> {
  const base = await loadBase(folder, { head: 'optional', seed: plan.seed, name });
  const { config, tokenizer, hasHead, sha256 } = base;
  const rounds = baseRounds(plan.course, maxLength(config), !hasHead);
  const origin = { name: pin === null ? path.basename(folder) : name, sha256: hasHead ? sha256 : null };
  return {
    tokenizer,
    files: { ...base.tokenizerFiles, ...(base.licence === null ? {} : { LICENSE: base.licence }) },
    state: (tokens) => {
      const bias = hasHead
        ? {}
        : { 'lm_head.bias': frequencyBias(config.vocabSize, tokenizer.special, tokens) };
      return beginning(
        plan,
        config,
        rounds,
        { ...base.weights, ...bias },
        aboutOf(flags, { ...NOTHING_KNOWN, base: origin }),
      );
    },
  };
}

/**
 * @param folder of the files that stand beside the weights
 * @throws CptError CPT_USAGE where the training is at its end and no more is asked for
 */
export function startFromState(plan: Plan, flags: Flags, saved: SavedState, folder: string): Start {
  const rounds = nextRounds(plan.course, saved);
  const course = rounds === saved.rounds ? saved.course : plan.course;
  if (flags.export !== true && placeOf(rounds, saved.step + 1) === null) {
    throw new CptError('CPT_USAGE', 'This pre-training is at its end.', {
      hint: 'Say how much further: --minutes N, --steps N or --phases LIST; or write the model with --export.',
    });
  }
  const files = readModelFiles(folder);
  return {
    tokenizer: loadTokenizer(files[TOKENIZER]!),
    files,
    state: () => ({ ...saved, rounds, course, about: aboutOf(flags, saved.about) }),
  };
}

function beginning(
  { seed, course }: Plan,
  config: RobertaConfig,
  rounds: readonly Round[],
  weights: Values,
  about: About,
): SavedState {
  const slots = Object.fromEntries(Object.entries(weights).map(([name, value]) => [name, slotOf(value)]));
  return { step: 0, config, seed, about, course, rounds, slots, average: null, curve: [] };
}
