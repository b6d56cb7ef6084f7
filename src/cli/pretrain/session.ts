/** One sitting of a pre-training: from a state to the end of its rounds, or to an interruption. */
import type { OpenOptions } from '../../engine/index.ts';
import { evaluationShape, type PretrainJob, pretrain } from '../../train/pretrain.ts';
import { Pace } from './pace.ts';
import type { Reports } from './reports.ts';
import type { SavedState, StateFolder } from './state-folder.ts';

export interface Session {
  readonly job: Omit<PretrainJob, 'config' | 'seed'>;
  readonly from: SavedState;
  readonly folder: StateFolder;
  readonly reports: Reports;
  readonly signal: AbortSignal;
  readonly engine: OpenOptions;
  /** Seconds from any zero. */
  readonly now: () => number;
}

const MOST_HELD_OUT_BLOCKS = 320;

/**
 * Trains. At an interruption what was saved last stays.
 * @throws CptError CPT_TRAIN, CPT_DISK_FULL, CPT_INTERRUPTED
 */
export async function session(given: Session): Promise<SavedState> {
  const { job, from, folder, reports, signal, engine, now } = given;
  const { config, seed, about, course } = from;
  const pace = new Pace(now);
  let saved = from;
  reports.plan(from.rounds);
  const blockIds = evaluationShape(config).length - 2;
  await pretrain(
    { ...job, config, seed, heldOut: job.heldOut.subarray(0, blockIds * MOST_HELD_OUT_BLOCKS) },
    from,
    {
      pace: (rounds, step) => {
        const paced = pace.pace(rounds, step);
        reports.plan(paced);
        return paced;
      },
      save: async (state) => {
        saved = { ...state, rounds: pace.timed(state.rounds, state.step), config, seed, about, course };
        await folder.save(saved);
        reports.saved(state.curve.at(-1)!);
      },
      progress: (step, loss) => {
        signal.throwIfAborted();
        pace.stepped();
        reports.step(step, loss);
      },
    },
    engine,
  );
  return saved;
}
