/** What a pre-training is to do: sizes, steps, rates. From flags, else from the saved state, else the defaults. */
import { CptError } from '../../errors.ts';
import type { RobertaConfig } from '../../roberta/config.ts';
import type { CommandArgs, Flag } from '../command.ts';
import { type NumberRange, numberFlag, textFlag } from '../flags.ts';

export interface Plan {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  /** Longest input that the model can take, in tokens. */
  readonly maxLength: number;
  readonly batch: number;
  readonly length: number;
  readonly learningRate: number;
  readonly warmup: number;
  readonly maskRate: number;
  readonly saveEvery: number;
  readonly seed: string;
  /** Last step, or null where time decides. */
  readonly steps: number | null;
  /** Steps of the final fall of the rate, or null for a fifth of all. */
  readonly decay: number | null;
}

export const PLAN_DEFAULTS: Plan = {
  hidden: 256,
  layers: 4,
  heads: 4,
  intermediate: 1024,
  maxLength: 512,
  batch: 16,
  length: 128,
  learningRate: 1e-3,
  warmup: 500,
  maskRate: 0.2,
  saveEvery: 250,
  seed: 'base',
  steps: null,
  decay: null,
};

type NumberName = Exclude<keyof Plan, 'seed'>;

const NUMBERS: Readonly<Record<NumberName, NumberRange & { flag: string; about: string }>> = {
  hidden: { flag: 'hidden', min: 8, max: 8192, whole: true, about: 'width of the model' },
  layers: { flag: 'layers', min: 1, max: 96, whole: true, about: 'layers of the model' },
  heads: { flag: 'heads', min: 1, max: 128, whole: true, about: 'attention heads of a layer' },
  intermediate: { flag: 'intermediate', min: 8, max: 65_536, whole: true, about: 'width inside a layer' },
  maxLength: { flag: 'max-length', min: 8, max: 8192, whole: true, about: 'longest input, tokens' },
  batch: { flag: 'batch', min: 1, max: 4096, whole: true, about: 'blocks in a step' },
  length: { flag: 'length', min: 8, max: 8192, whole: true, about: 'tokens in a block' },
  learningRate: { flag: 'learning-rate', min: 1e-8, max: 1, about: 'peak learning rate' },
  warmup: { flag: 'warmup', min: 0, max: 1e9, whole: true, about: 'steps in which the rate rises' },
  maskRate: { flag: 'mask-rate', min: 0.01, max: 0.9, about: 'share of tokens masked' },
  saveEvery: {
    flag: 'save-every',
    min: 1,
    max: 1e9,
    whole: true,
    about: 'steps between evaluations and saves',
  },
  steps: { flag: 'steps', min: 1, max: 1e9, whole: true, about: 'last step, counted from the very first' },
  decay: {
    flag: 'decay',
    min: 0,
    max: 1e9,
    whole: true,
    about: 'steps of the final fall of the rate (a fifth)',
  },
};

export const PLAN_FLAGS: readonly Flag[] = [
  ...Object.entries(NUMBERS).map(([name, { flag, about }]) => {
    const fallback = PLAN_DEFAULTS[name as NumberName];
    return { name: flag, value: 'N', about: fallback === null ? about : `${about} (${fallback})` };
  }),
  { name: 'seed', value: 'TEXT', about: `seed of everything random (${PLAN_DEFAULTS.seed})` },
];

/**
 * @param saved the plan of the state that is gone on with; only how long to train and how often to save may differ
 * @throws CptError CPT_USAGE for impossible or contradicting values
 */
export function planOf(flags: CommandArgs['flags'], saved: Partial<Plan> | null): Plan {
  const plan: Record<string, unknown> = { ...PLAN_DEFAULTS, ...saved };
  // Another end is another fall of the rate before it.
  if (flags.minutes !== undefined || flags.steps !== undefined) plan.decay = null;
  for (const [name, range] of Object.entries(NUMBERS)) {
    const value = numberFlag(flags, range.flag, range);
    if (value !== undefined) plan[name] = value;
  }
  plan.seed = textFlag(flags, 'seed') ?? plan.seed;
  const result = plan as unknown as Plan;
  if (flags.minutes !== undefined && flags.steps !== undefined) {
    throw new CptError('CPT_USAGE', 'Either --minutes or --steps decides how long to train, not both.');
  }
  if (result.hidden % result.heads !== 0) {
    throw new CptError(
      'CPT_USAGE',
      `--hidden ${result.hidden} is not a multiple of --heads ${result.heads}.`,
    );
  }
  if (result.length > result.maxLength) {
    throw new CptError('CPT_USAGE', `--length ${result.length} is over --max-length ${result.maxLength}.`);
  }
  return result;
}

export function modelConfig(plan: Plan, vocabSize: number, padId: number): RobertaConfig {
  const { hidden, layers, heads, intermediate, maxLength } = plan;
  const maxPositions = maxLength + padId + 1; // positions are counted from behind the padding's
  return {
    vocabSize,
    hidden,
    layers,
    heads,
    intermediate,
    maxPositions,
    typeVocab: 1,
    layerNormEpsilon: 1e-5,
    padId,
  };
}

/** How many steps fit the time: what was done, and what the rest allows at the measured speed. */
export function stepsInTime(done: number, secondsLeft: number, secondsPerStep: number): number {
  return done + Math.max(1, Math.floor(secondsLeft / Math.max(1e-6, secondsPerStep)));
}

/** The final fall of the rate: as planned, or a fifth of all steps. */
export function decaySteps(steps: number, decay: number | null): number {
  return Math.min(steps, decay ?? Math.round(steps / 5));
}
