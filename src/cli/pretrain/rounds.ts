/** From what is asked for to the rounds of a training: what was not given is as in the round before, or by default. */
import { CptError } from '../../errors.ts';
import { cutAfter, type Phase, type Round } from '../../train/pretrain-plan.ts';
import { NEW_MODEL_PHASES, parsePhases, spreadSteps } from './phases.ts';
import { type Course, RATE_DEFAULTS } from './plan.ts';
import { Problems } from './problems.ts';

/** Of a new model. */
export function firstRounds(course: Course, longest: number): Round[] {
  return [roundOf(course, fallback(NEW_MODEL_PHASES, RATE_DEFAULTS.learningRate, longest))];
}

/**
 * Of a training that is gone on with: as planned where nothing is asked for, else a new round behind what was done.
 * @throws CptError CPT_USAGE where it is not said how long
 */
export function nextRounds(course: Course, rounds: readonly Round[], step: number): Round[] {
  if (Object.values(course).every((value) => value === null)) return [...rounds];
  const before = rounds.at(-1)!;
  return [...cutAfter(rounds, step), roundOf(course, before)];
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
