/** What the flags of a pre-training ask for, checked; what was not given is left to `rounds.ts`. */
import type { RobertaConfig } from '../../roberta/config.ts';
import type { Phase } from '../../train/pretrain-plan.ts';
import type { Fall } from '../../train/schedule.ts';
import type { CommandArgs, Flag } from '../command.ts';
import { type NumberRange, numberFlag, textFlag } from '../flags.ts';
import { NEW_MODEL_PHASES, parsePhases } from './phases.ts';
import { Problems } from './problems.ts';

export interface Sizes {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  /** Longest input that the model can take, in tokens. */
  readonly maxLength: number;
}

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
}

export interface Plan {
  readonly sizes: Sizes;
  readonly seed: string;
  readonly saveEvery: number;
  readonly threads: number;
  readonly course: Course;
}

interface NumberFlag extends NumberRange {
  readonly flag: string;
  readonly about: string;
}

export const SIZES: Sizes = { hidden: 256, layers: 4, heads: 4, intermediate: 1024, maxLength: 512 };
export const SEED = 'base';
export const RATE_DEFAULTS = {
  learningRate: 1e-3,
  warmup: 0.03,
  decay: 1,
  halfLife: 100,
};
const SAVE_EVERY = 250;
const FALLS: readonly Fall[] = ['linear', 'cosine'];

const SIZE_FLAGS: Readonly<Record<keyof Sizes, NumberFlag>> = {
  hidden: { flag: 'hidden', min: 8, max: 8192, whole: true, about: 'width' },
  layers: { flag: 'layers', min: 1, max: 96, whole: true, about: 'layers' },
  heads: { flag: 'heads', min: 1, max: 128, whole: true, about: 'attention heads of a layer' },
  intermediate: { flag: 'intermediate', min: 8, max: 65_536, whole: true, about: 'width inside a layer' },
  maxLength: { flag: 'max-length', min: 8, max: 8192, whole: true, about: 'longest input, tokens' },
};

const MINUTES = { flag: 'minutes', min: 0.1, max: 1e6, about: 'train for about so long' };
const STEPS = { flag: 'steps', min: 1, max: 1e9, whole: true, about: 'or so many steps' };
const RATE = {
  flag: 'learning-rate',
  min: 1e-8,
  max: 1,
  about: `peak rate (${RATE_DEFAULTS.learningRate})`,
};
const WARMUP = {
  flag: 'warmup',
  min: 0,
  max: 1,
  about: `share of the way in which the rate rises (${RATE_DEFAULTS.warmup})`,
};
const DECAY = {
  flag: 'decay',
  min: 0,
  max: 1,
  about: `share of the way, at its end, in which it falls to 0 (${RATE_DEFAULTS.decay})`,
};
const AVERAGE = {
  flag: 'average',
  min: 0,
  max: 1e9,
  about: `half-life of the weights' moving average, steps; 0 keeps none (${RATE_DEFAULTS.halfLife})`,
};
const SAVE = {
  flag: 'save-every',
  min: 1,
  max: 1e9,
  whole: true,
  about: `steps between evaluations and saves (${SAVE_EVERY})`,
};
const THREADS = {
  flag: 'threads',
  min: 0,
  max: 1024,
  whole: true,
  about: 'threads of the engine; 0 takes one per core (0)',
};

const shown = ({ flag, about }: NumberFlag): Flag => ({ name: flag, value: 'N', about });

export const PLAN_FLAGS: readonly Flag[] = [
  ...[MINUTES, STEPS].map(shown),
  {
    name: 'phases',
    value: 'LIST',
    about: `one after the other, SHARE%:BATCHxLENGTH@MASKED%, or STEPS: in place of SHARE%: (${NEW_MODEL_PHASES})`,
  },
  shown(RATE),
  shown(WARMUP),
  shown(DECAY),
  { name: 'fall', value: 'WORD', about: `how it falls; ${FALLS.join(', ')} (${FALLS[0]})` },
  ...[AVERAGE, SAVE, THREADS].map(shown),
  { name: 'seed', value: 'TEXT', about: `seed of everything random (${SEED})` },
  ...Object.entries(SIZE_FLAGS).map(([name, { flag, about }]) => {
    return { name: flag, value: 'N', about: `of a new model: ${about} (${SIZES[name as keyof Sizes]})` };
  }),
];

/** The longest input that a model can take, in tokens. */
export function longestInput({ maxPositions, padId }: RobertaConfig): number {
  return maxPositions - padId - 1; // positions are counted from behind the padding's
}

/**
 * @param model the sizes of the model that is gone on with, or null for a new one
 * @throws CptError CPT_USAGE, one for everything that is wrong
 */
export function planOf(flags: CommandArgs['flags'], model: RobertaConfig | null): Plan {
  const problems = new Problems();
  const number = (range: NumberFlag): number | null =>
    problems.attempt(() => numberFlag(flags, range.flag, range)) ?? null;
  const sizes: Record<keyof Sizes, number> = { ...SIZES };
  for (const [name, range] of Object.entries(SIZE_FLAGS)) {
    const value = number(range);
    if (value === null) continue;
    sizes[name as keyof Sizes] = value;
    if (model !== null) problems.add(`--${range.flag} is for a new model; this one has its sizes.`);
  }
  if (sizes.hidden % sizes.heads !== 0) {
    problems.add(`--hidden ${sizes.hidden} is not a multiple of --heads ${sizes.heads}.`);
  }
  const [minutes, steps] = [number(MINUTES), number(STEPS)];
  if (minutes !== null && steps !== null)
    problems.add('Either --minutes or --steps says how long to train, not both.');
  const list = problems.attempt(() => textFlag(flags, 'phases'));
  const longest = model === null ? sizes.maxLength : longestInput(model);
  const phases = list === undefined ? null : parsePhases(list, longest, problems);
  if (phases?.some((phase) => phase.steps !== null) && (minutes !== null || steps !== null)) {
    problems.add(
      '--phases in steps say how long to train: give them as shares, or no --minutes and no --steps.',
    );
  }
  const fall = problems.attempt(() => textFlag(flags, 'fall')) ?? null;
  if (fall !== null && !FALLS.includes(fall as Fall)) {
    problems.add(`--fall is one of ${FALLS.join(', ')}, not ${JSON.stringify(fall)}.`);
  }
  const plan: Plan = {
    sizes,
    seed: problems.attempt(() => textFlag(flags, 'seed')) ?? SEED,
    saveEvery: number(SAVE) ?? SAVE_EVERY,
    threads: number(THREADS) ?? 0,
    course: {
      minutes,
      steps,
      phases,
      learningRate: number(RATE),
      warmup: number(WARMUP),
      decay: number(DECAY),
      fall: fall as Fall | null,
      halfLife: number(AVERAGE),
    },
  };
  problems.check();
  return plan;
}

export function modelConfig(sizes: Sizes, vocabSize: number, padId: number): RobertaConfig {
  const { hidden, layers, heads, intermediate, maxLength } = sizes;
  return {
    family: 'roberta',
    vocabSize,
    hidden,
    layers,
    heads,
    intermediate,
    maxPositions: maxLength + padId + 1,
    typeVocab: 1,
    layerNormEpsilon: 1e-5,
    padId,
    tied: true,
  };
}
