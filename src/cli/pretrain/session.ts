/** One sitting of a pre-training: from a saved state, or none, to its last step. */
import type { CompileOptions } from '../../engine/index.ts';
import type { RobertaConfig } from '../../roberta/config.ts';
import type { SpecialTokens } from '../../text/tokenizer.ts';
import { type PretrainState, pretrain } from '../../train/pretrain.ts';
import { decaySteps, type Plan, stepsInTime } from './plan.ts';
import type { Reports } from './reports.ts';
import type { SavedState, StateFolder } from './state-folder.ts';

export interface Session {
  readonly tokens: Uint16Array;
  readonly heldOut: Uint16Array;
  readonly config: RobertaConfig;
  readonly special: SpecialTokens;
  readonly plan: Plan;
  readonly from: SavedState | null;
  /** Seconds that it may take, or null where the plan's steps decide. */
  readonly seconds: number | null;
  readonly folder: StateFolder;
  readonly reports: Reports;
  readonly signal: AbortSignal;
  readonly compile: CompileOptions;
  /** Seconds from any zero. */
  readonly now: () => number;
}

export interface Trained {
  readonly state: PretrainState;
  /** With its steps and their decay decided. */
  readonly plan: Plan;
}

/** Steps in which the speed is measured where time decides. */
const PROBE_STEPS = 20;
const MOST_HELD_OUT_BLOCKS = 320;
/** Of the time: opening the step again, and evaluations. */
const RESERVE = 0.93;

/**
 * Trains. At an interruption what was saved last stays.
 * @throws CptError CPT_TRAIN, CPT_DISK_FULL, CPT_INTERRUPTED
 */
export async function session(given: Session): Promise<Trained> {
  const { plan, seconds, from, now, reports } = given;
  if (seconds === null) {
    const steps = plan.steps ?? from?.step ?? 0;
    const decided = { ...plan, steps, decay: decaySteps(steps, plan.decay) };
    return train(given, from, decided, decided);
  }
  const deadline = now() + seconds;
  const done = from?.step ?? 0;
  const probe = { ...plan, steps: done + PROBE_STEPS, decay: 0 };
  const { state } = await train(given, from, probe, plan);
  const perStep = reports.secondsPerStep ?? 1;
  const steps = stepsInTime(state.step, (deadline - now()) * RESERVE, perStep);
  const decided = { ...plan, steps, decay: decaySteps(steps, plan.decay) };
  return train(given, state, decided, decided);
}

async function train(
  { tokens, heldOut, config, special, folder, reports, signal, compile }: Session,
  from: PretrainState | null,
  plan: Plan & { readonly steps: number; readonly decay: number },
  saved: Plan,
): Promise<Trained> {
  const { batch, length } = plan;
  reports.begin(plan.steps, batch * length);
  const state = await pretrain(
    tokens,
    heldOut.subarray(0, (length - 2) * MOST_HELD_OUT_BLOCKS),
    { ...plan, config, special },
    from,
    {
      save: async (state) => {
        await folder.save(state, saved);
        reports.saved(state.curve.at(-1)!);
      },
      progress: (step, loss) => {
        signal.throwIfAborted();
        reports.step(step, loss);
      },
    },
    compile,
  );
  return { state: { ...state, step: Math.max(state.step, from?.step ?? 0) }, plan };
}
