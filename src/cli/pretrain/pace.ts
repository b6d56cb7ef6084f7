/**
 * How many steps fit the time. Asked before every step; every so often it decides anew from the speed of late, so
 * that a training ends about when it should, with its rate at zero, however busy the machine is.
 */
import { type Phase, type Place, phaseProgress, placeOf, type Round } from '../../train/pretrain-plan.ts';

/** Steps after which the speed is known. */
const PROBE_STEPS = 5;
/** Seconds between decisions. */
const INTERVAL = 15;
/** Of the time left: the last evaluation and save want some of it. */
const RESERVE = 0.97;

export class Pace {
  readonly #now: () => number;
  #mark: number;
  /** Of the newest step. */
  #place = { round: -1, phase: -1 };
  #stepTokens = 0;
  #endedAt: number | null = null;
  #seconds = 0;
  #tokens = 0;
  #steps = 0;
  #secondsPerToken: number | null = null;
  #decidedAt = Number.NEGATIVE_INFINITY;

  /** @param now seconds from any zero */
  constructor(now: () => number) {
    this.#now = now;
    this.#mark = now();
  }

  /** A step has ended. */
  stepped(): void {
    const now = this.#now();
    if (this.#endedAt !== null) {
      this.#seconds += now - this.#endedAt;
      this.#tokens += this.#stepTokens;
      this.#steps += 1;
    }
    this.#endedAt = now;
  }

  /** The rounds with the time that the present one has taken until now; `step` is the last one that was done. */
  timed(rounds: readonly Round[], step: number): readonly Round[] {
    const at = placeOf(rounds, step)?.round ?? 0;
    const elapsed = this.#now() - this.#mark;
    return rounds.map((round, index) => (index === at ? { ...round, spent: round.spent + elapsed } : round));
  }

  /** The rounds, timed, with the steps that the present phase gets where time decides. */
  pace(before: readonly Round[], step: number): readonly Round[] {
    const rounds = this.timed(before, Math.max(1, step));
    this.#mark = this.#now();
    const place = placeOf(rounds, step + 1);
    if (place === null) return rounds;
    const round = rounds[place.round]!;
    const phase = round.phases[place.phase]!;
    this.#enter(place, phase);
    if (round.seconds === null || !this.#due(phase)) return rounds;
    this.#decidedAt = this.#mark;
    const phases = withSteps(round, place.phase, place.done, this.#secondsPerToken! * this.#stepTokens);
    const decided = rounds.map((other, at) => (at === place.round ? { ...round, phases } : other));
    const now = placeOf(decided, step + 1);
    if (now === null || (now.round === place.round && now.phase === place.phase)) return decided;
    return this.pace(decided, step); // no time for a step of this phase: the next one is decided at once
  }

  #enter({ round, phase }: Place, { batch, length }: Phase): void {
    this.#stepTokens = batch * length;
    if (this.#place.round === round && this.#place.phase === phase) return;
    if (this.#place.round !== round) this.#secondsPerToken = null; // a head alone is faster than everything
    this.#place = { round, phase };
    this.#endedAt = null; // its first step comes behind a compilation
    [this.#seconds, this.#tokens, this.#steps] = [0, 0, 0];
  }

  #due({ steps }: Phase): boolean {
    const measured = this.#steps >= PROBE_STEPS || (this.#steps > 0 && this.#seconds >= INTERVAL);
    if (steps === null && this.#secondsPerToken !== null) return true;
    if (!measured || (steps !== null && this.#mark - this.#decidedAt < INTERVAL)) return false;
    const late = this.#seconds / this.#tokens;
    this.#secondsPerToken = this.#secondsPerToken === null ? late : (this.#secondsPerToken + late) / 2;
    [this.#seconds, this.#tokens, this.#steps] = [0, 0, 0];
    return true;
  }
}

/** The phases with the steps that the time left allows the present one. */
function withSteps(
  { phases, seconds, spent }: Round,
  at: number,
  done: number,
  secondsPerStep: number,
): Phase[] {
  const phase = phases[at]!;
  const progress = phaseProgress(phase, done);
  const own = phase.share * (1 - progress);
  const rest = phases.slice(at + 1).reduce((sum, { share }) => sum + share, 0);
  const left = Math.max(0, seconds! - spent) * RESERVE;
  const time = own + rest > 0 ? (left * own) / (own + rest) : 0;
  const steps = done + Math.floor(time / Math.max(1e-9, secondsPerStep));
  return phases.map((other, index) =>
    index === at ? { ...phase, steps, anchor: { steps: done, progress } } : other,
  );
}
