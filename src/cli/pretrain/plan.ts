/** What the flags of a pre-training ask for, checked; what was not given is left to `rounds.ts`. */
import { DEVICE_SETTINGS, type DeviceSetting } from '../../engine/device.ts';
import { maxLength, type RobertaConfig } from '../../roberta/config.ts';
import type { Phase } from '../../train/pretrain-plan.ts';
import type { Fall } from '../../train/schedule.ts';
import type { CommandArgs } from '../command.ts';
import { numberFlag, textFlag } from '../flags.ts';
import { parsePhases } from './phases.ts';
import * as table from './plan-flags.ts';
import { Problems } from './problems.ts';

/** What is asked of the next round; null where nothing is. */
export interface Course {
  readonly minutes: number | null;
  readonly steps: number | null;
  readonly phases: readonly Phase[] | null;
  readonly learningRate: number | null;
  readonly warmup: number | null;
  readonly decay: number | null;
  readonly fall: Fall | null;
  readonly halfLife: number | null;
  readonly headSteps: number | null;
}

export interface Plan {
  readonly sizes: table.Sizes;
  readonly seed: string;
  readonly saveEvery: number;
  readonly threads: number;
  readonly device: DeviceSetting;
  readonly course: Course;
}

export interface Beginning {
  /** What the model comes from. */
  readonly from: 'chance' | 'base' | 'state';
  /** Its sizes, or null where they are not known yet. */
  readonly model: RobertaConfig | null;
}

/** @throws CptError CPT_USAGE, one for everything that is wrong */
export function planOf(flags: CommandArgs['flags'], { from, model }: Beginning): Plan {
  const problems = new Problems();
  const number = (range: table.NumberFlag): number | null =>
    problems.attempt(() => numberFlag(flags, range.flag, range)) ?? null;
  const sizes: Record<keyof table.Sizes, number> = { ...table.SIZES };
  for (const [name, range] of Object.entries(table.SIZE_FLAGS)) {
    const value = number(range);
    if (value === null) continue;
    sizes[name as keyof table.Sizes] = value;
    if (from === 'base') problems.add(`--${range.flag} is for a new model; this one has its sizes.`);
  }
  if (sizes.hidden % sizes.heads !== 0) {
    problems.add(`--hidden ${sizes.hidden} is not a multiple of --heads ${sizes.heads}.`);
  }
  if (from === 'state') compareSizes(sizes, model!, flags, problems);
  const headSteps = number(table.HEAD);
  if (headSteps !== null && from === 'chance') problems.add('--head-steps is for a start with --base.');
  if (flags.tokenizer !== undefined && from === 'base') {
    problems.add('--tokenizer is for a new model; this one has its own.');
  }
  const [minutes, steps] = [number(table.MINUTES), number(table.STEPS)];
  if (minutes !== null && steps !== null)
    problems.add('Either --minutes or --steps says how long to train, not both.');
  const list = problems.attempt(() => textFlag(flags, 'phases'));
  const longest = from === 'chance' ? sizes.maxLength : model && maxLength(model);
  const phases = list === undefined ? null : parsePhases(list, longest, problems);
  if (phases?.some((phase) => phase.steps !== null) && (minutes !== null || steps !== null)) {
    problems.add(
      '--phases in steps say how long to train: give them as shares, or no --minutes and no --steps.',
    );
  }
  const word = <T extends string>(flag: string, words: readonly T[]): T | null => {
    const given = problems.attempt(() => textFlag(flags, flag));
    const known = words.find((each) => each === given);
    if (given !== undefined && known === undefined) {
      problems.add(`--${flag} is one of ${words.join(', ')}, not ${JSON.stringify(given)}.`);
    }
    return known ?? null;
  };
  const plan: Plan = {
    sizes,
    seed: problems.attempt(() => textFlag(flags, 'seed')) ?? table.SEED,
    saveEvery: number(table.SAVE) ?? table.SAVE_EVERY,
    threads: number(table.THREADS) ?? 0,
    device: word('device', DEVICE_SETTINGS) ?? 'auto',
    course: {
      minutes,
      steps,
      phases,
      learningRate: number(table.RATE),
      warmup: number(table.WARMUP),
      decay: number(table.DECAY),
      fall: word('fall', table.FALLS),
      halfLife: number(table.AVERAGE),
      headSteps,
    },
  };
  problems.check();
  return plan;
}

/** A state is gone on with in its own sizes; who repeats them does no harm. */
function compareSizes(
  given: table.Sizes,
  model: RobertaConfig,
  flags: CommandArgs['flags'],
  problems: Problems,
): void {
  const own: table.Sizes = { ...model, maxLength: maxLength(model) };
  for (const [name, { flag }] of Object.entries(table.SIZE_FLAGS)) {
    const size = name as keyof table.Sizes;
    if (flags[flag] === undefined || given[size] === own[size]) continue;
    problems.add(`--${flag} ${given[size]} is not the ${own[size]} that it was begun with.`);
  }
}

export function modelConfig(sizes: table.Sizes, vocabSize: number, padId: number): RobertaConfig {
  const { hidden, layers, heads, intermediate } = sizes;
  return {
    family: 'roberta',
    vocabSize,
    hidden,
    layers,
    heads,
    intermediate,
    maxPositions: sizes.maxLength + padId + 1, // positions are counted from behind the padding's
    typeVocab: 1,
    layerNormEpsilon: 1e-5,
    padId,
    tied: true,
  };
}
