/** From what is asked for to the rounds of a training: what was not given is as in the round before, or by default. */
import { CptError } from '../../errors.ts';
import { cutAfter, type Phase, placeOf, type Round } from '../../train/pretrain-plan.ts';
import { BASE_PHASES, NEW_MODEL_PHASES, parsePhases, spreadSteps } from './phases.ts';
import type { Course } from './plan.ts';
import { HEAD_STEPS, RATE_DEFAULTS } from './plan-flags.ts';
import { Problems } from './problems.ts';

/** Peak rate of a fresh head alone: nothing that is known can be lost. */
const HEAD_RATE = 1e-3;

/** Of a new model. */
export function firstRounds(course: Course, longest: number): Round[] {
  return [roundOf(course, fallback(NEW_MODEL_PHASES, RATE_DEFAULTS.learningRate, longest))];
}

/** Of a model that comes from elsewhere: first its head, where it needs one, then everything. */
export function baseRounds(course: Course, longest: number, headless: boolean): Round[] {
  const all = roundOf(course, fallback(BASE_PHASES, RATE_DEFAULTS.baseLearningRate, longest));
  const steps = course.headSteps ?? (headless ? HEAD_STEPS : 0);
  if (steps === 0) return [all];
  const { batch, length, maskRate } = all.phases[0]!;
  const head = { share: 1, steps, batch, length, maskRate };
  return [
    { ...all, trains: 'head', rate: { ...all.rate, peak: HEAD_RATE }, seconds: null, phases: [head] },
    all,
  ];
}

export interface Planned {
  readonly step: number;
  readonly rounds: readonly Round[];
  /** What was asked for when these rounds were planned. */
  readonly course: Course;
}

/**
 * Of a training that is gone on with: as planned where nothing is asked for, or what was asked for before and is not
 * done yet; else a new round behind what was done.
 * @throws CptError CPT_USAGE where it is not said how long
 */
export function nextRounds(course: Course, planned: Planned): readonly Round[] {
  const { rounds, step } = planned;
  const nothing = Object.values(course).every((value) => value === null);
  const same = JSON.stringify(course) === JSON.stringify(planned.course);
  if (nothing || (same && placeOf(rounds, step + 1) !== null)) return rounds;
  if (course.headSteps !== planned.course.headSteps) {
    throw new CptError('CPT_USAGE', '--head-steps is for a start with --base.');
  }
  return [...cutAfter(rounds, step), roundOf(course, rounds.at(-1)!)];
}

type Fallback = Pick<Round, 'rate' | 'halfLife' | 'phases'>;

function roundOf(course: Course, before: Fallback): Round {
  const phases = course.phases ?? before.phases.map(({ anchor: _, ...phase }) => phase);
  return {
    trains: 'all',
    rate: {
      peak: course.learningRate ?? before.rate.peak,
      warmup: course.warmup ?? before.rate.warmup,
      decay: course.decay ?? before.rate.decay,
      fall: course.fall ?? before.rate.fall,
    },
    halfLife: course.halfLife ?? before.halfLife,
    seconds: course.minutes === null ? null : course.minutes * 60,
    spent: 0,
    phases: decided(course, phases),
  };
}

function decided(course: Course, phases: readonly Phase[]): Phase[] {
  if (course.minutes !== null) return phases.map((phase) => ({ ...phase, steps: null }));
  if (course.steps !== null) return spreadSteps(phases, course.steps);
  if (course.phases?.every(({ steps }) => steps !== null)) return [...phases];
  throw new CptError('CPT_USAGE', 'cpt pretrain needs --minutes N, --steps N, or --phases in steps.');
}

/** Default phases, their blocks no longer than the model takes. */
function fallback(list: string, peak: number, longest: number): Fallback {
  const phases = parsePhases(list, null, new Problems());
  const { warmup, decay, halfLife } = RATE_DEFAULTS;
  return {
    rate: { peak, warmup, decay, fall: 'linear' },
    halfLife,
    phases: phases.map((phase) => ({ ...phase, length: Math.min(phase.length, longest) })),
  };
}
