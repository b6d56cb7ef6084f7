/**
 * What a pre-training does, step by step: rounds of one rate curve each, made of phases of one batch shape each.
 * Everything here is a function of the plan and the step, so a training can be gone on with at any step.
 */
import type { RateCurve } from './schedule.ts';

export interface Phase {
  /** Part of its round's time, or of its tokens where no time is set; those of a round add up to 1. */
  readonly share: number;
  /** Null as long as the clock has not decided. */
  readonly steps: number | null;
  /** Blocks in a step. */
  readonly batch: number;
  /** Tokens in a block, the two that frame it included. */
  readonly length: number;
  /** Share of tokens masked while training; evaluation masks 15 %. */
  readonly maskRate: number;
  /** Where `steps` was decided last: after that many of them, that far through the phase. At its start by default. */
  readonly anchor?: Anchor;
}

export interface Anchor {
  readonly steps: number;
  /** 0 to 1. */
  readonly progress: number;
}

export interface Round {
  /** Only the masked-LM head, or every weight. */
  readonly trains: 'head' | 'all';
  readonly rate: RateCurve;
  /** Half-life of the moving average of the weights, in steps; 0 keeps none. */
  readonly halfLife: number;
  /** Time that it may take, or null where its steps are given. */
  readonly seconds: number | null;
  /** Time that it has taken, saves and evaluations included. */
  readonly spent: number;
  readonly phases: readonly Phase[];
}

/** Where a step is. */
export interface Place {
  readonly round: number;
  readonly phase: number;
  /** Steps of the phase before this one. */
  readonly done: number;
}

/**
 * @param step counted from 1 over the whole training
 * @returns null behind the last step. A phase without decided steps has room for every step.
 */
export function placeOf(rounds: readonly Round[], step: number): Place | null {
  let left = step - 1;
  for (const [round, { phases }] of rounds.entries()) {
    for (const [phase, { steps }] of phases.entries()) {
      if (steps === null || left < steps) return { round, phase, done: left };
      left -= steps;
    }
  }
  return null;
}

/** How far through its phase that many steps are, 0 to 1. */
export function phaseProgress({ steps, anchor = START }: Phase, done: number): number {
  if (steps === null) return 0;
  if (steps <= anchor.steps) return 1;
  return anchor.progress + (1 - anchor.progress) * ((done - anchor.steps) / (steps - anchor.steps));
}

const START: Anchor = { steps: 0, progress: 0 };

/** How far through its round the middle of a step is: no step has rate 0, not the first and not the last. */
export function roundProgress(round: Round, { phase, done }: Omit<Place, 'round'>): number {
  const before = round.phases.slice(0, phase).reduce((sum, { share }) => sum + share, 0);
  const { share } = round.phases[phase]!;
  return Math.min(1, before + share * phaseProgress(round.phases[phase]!, done + 0.5));
}

/** Steps of a round as far as they are decided. */
function roundSteps({ phases }: Round): number {
  return phases.reduce((sum, { steps }) => sum + (steps ?? 0), 0);
}

/** Steps before a round. */
export function roundStart(rounds: readonly Round[], round: number): number {
  return rounds.slice(0, round).reduce((sum, before) => sum + roundSteps(before), 0);
}

/**
 * Steps before the optimiser of this round began to count: it begins anew where something else is trained, since
 * what trains now has no moments yet.
 */
export function optimiserStart(rounds: readonly Round[], round: number): number {
  let first = round;
  while (first > 0 && rounds[first - 1]!.trains === rounds[round]!.trains) first -= 1;
  return roundStart(rounds, first);
}

/** A phase as it was done: what the card lists. */
export interface PhaseDone extends Omit<Phase, 'steps' | 'anchor'> {
  readonly round: number;
  readonly steps: number;
  /** First and last step, counted from 1. */
  readonly first: number;
  readonly last: number;
  readonly tokens: number;
}

/** The phases up to and with `step`, the last one cut there; those of no step left out. */
export function phasesDone(rounds: readonly Round[], step: number): PhaseDone[] {
  const done: PhaseDone[] = [];
  let before = 0;
  for (const [round, { phases }] of rounds.entries()) {
    for (const { share, steps: planned, batch, length, maskRate } of phases) {
      const steps = Math.min(planned ?? Number.POSITIVE_INFINITY, step - before);
      if (steps <= 0) continue;
      const [first, last, tokens] = [before + 1, before + steps, steps * batch * length];
      done.push({ share, steps, batch, length, maskRate, round, first, last, tokens });
      before += steps;
    }
  }
  return done;
}

/** Tokens trained on in the first `step` steps, the markers that frame blocks included. */
export function tokensDone(rounds: readonly Round[], step: number): number {
  return phasesDone(rounds, step).reduce((sum, { tokens }) => sum + tokens, 0);
}

/** The rounds as far as they were done, to go on behind them with others. */
export function cutAfter(rounds: readonly Round[], step: number): Round[] {
  const done = phasesDone(rounds, step);
  return rounds.flatMap((round, at) => {
    const phases = done
      .filter((phase) => phase.round === at)
      .map(({ share, steps, batch, length, maskRate }) => ({ share, steps, batch, length, maskRate }));
    return phases.length === 0 ? [] : [{ ...round, seconds: null, phases }];
  });
}
