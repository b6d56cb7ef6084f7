/** The flags that say what a pre-training does, with their ranges and defaults. */
import { DEVICE_SETTINGS } from '../../engine/device.ts';
import type { Fall } from '../../train/schedule.ts';
import type { Flag } from '../command.ts';
import type { NumberRange } from '../flags.ts';
import { BASE_PHASES, NEW_MODEL_PHASES } from './phases.ts';

export interface Sizes {
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly intermediate: number;
  /** Longest input that the model can take, in tokens. */
  readonly maxLength: number;
}

export interface NumberFlag extends NumberRange {
  readonly flag: string;
  readonly about: string;
}

export const SIZES: Sizes = { hidden: 256, layers: 4, heads: 4, intermediate: 1024, maxLength: 512 };
export const SEED = 'base';
export const HEAD_STEPS = 500;
export const RATE_DEFAULTS = {
  learningRate: 1e-3,
  baseLearningRate: 1e-4,
  warmup: 0.03,
  decay: 1,
  halfLife: 100,
};
export const SAVE_EVERY = 250;
export const FALLS: readonly Fall[] = ['linear', 'cosine'];

export const SIZE_FLAGS: Readonly<Record<keyof Sizes, NumberFlag>> = {
  hidden: { flag: 'hidden', min: 8, max: 8192, whole: true, about: 'width' },
  layers: { flag: 'layers', min: 1, max: 96, whole: true, about: 'layers' },
  heads: { flag: 'heads', min: 1, max: 128, whole: true, about: 'attention heads of a layer' },
  intermediate: { flag: 'intermediate', min: 8, max: 65_536, whole: true, about: 'width inside a layer' },
  maxLength: { flag: 'max-length', min: 8, max: 8192, whole: true, about: 'longest input, tokens' },
};

export const MINUTES = {
  flag: 'minutes',
  min: 0.1,
  max: 1e6,
  about: 'train for about so long; steps of a head alone come on top',
};
export const STEPS = { flag: 'steps', min: 1, max: 1e9, whole: true, about: 'or so many steps' };
export const RATE = {
  flag: 'learning-rate',
  min: 1e-8,
  max: 1,
  about: `peak rate (${RATE_DEFAULTS.learningRate}; with --base ${RATE_DEFAULTS.baseLearningRate})`,
};
export const WARMUP = {
  flag: 'warmup',
  min: 0,
  max: 1,
  about: `share of the way in which the rate rises (${RATE_DEFAULTS.warmup})`,
};
export const DECAY = {
  flag: 'decay',
  min: 0,
  max: 1,
  about: `share of the way, at its end, in which it falls to 0 (${RATE_DEFAULTS.decay})`,
};
export const AVERAGE = {
  flag: 'average',
  min: 0,
  max: 1e9,
  about: `half-life of the weights' moving average, steps; 0 keeps none (${RATE_DEFAULTS.halfLife})`,
};
export const HEAD = {
  flag: 'head-steps',
  min: 0,
  max: 1e9,
  whole: true,
  about: `with --base: steps of its head alone, before the others (${HEAD_STEPS} where it comes without, else 0)`,
};
export const SAVE = {
  flag: 'save-every',
  min: 1,
  max: 1e9,
  whole: true,
  about: `steps between evaluations and saves (${SAVE_EVERY})`,
};
export const THREADS = {
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
    about: `one after the other, SHARE%:BATCHxLENGTH@MASKED%, or STEPS: in place of SHARE%: (${NEW_MODEL_PHASES}; with --base ${BASE_PHASES})`,
  },
  shown(RATE),
  shown(WARMUP),
  shown(DECAY),
  { name: 'fall', value: 'WORD', about: `how it falls; ${FALLS.join(', ')} (${FALLS[0]})` },
  ...[AVERAGE, HEAD, SAVE, THREADS].map(shown),
  {
    name: 'device',
    value: 'WORD',
    about: `what it runs on; ${DEVICE_SETTINGS.join(', ')} (${DEVICE_SETTINGS[0]})`,
  },
  { name: 'seed', value: 'TEXT', about: `seed of everything random (${SEED})` },
  ...Object.entries(SIZE_FLAGS).map(([name, { flag, about }]) => {
    return { name: flag, value: 'N', about: `of a new model: ${about} (${SIZES[name as keyof Sizes]})` };
  }),
];
