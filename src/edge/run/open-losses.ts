/** Asks the trainer for losses on a sample of the open domain, each time that it has doubled. */
import type { SegmenterStatus } from '../../domains/index.ts';
import type { State } from '../state/state.ts';
import type { TrainerProcess } from '../trainer/process.ts';
import { sampleOf, sampleTexts } from './open-text.ts';

/** Open passages at the first measurement. */
const FIRST = 100;
/** More than a batch of the evaluator takes of passages of any length that is usual. */
const SAMPLE = 64;

export interface OpenLossesOptions {
  readonly state: Pick<State, 'texts'> & { readonly counts: Pick<State['counts'], 'trained'> };
  readonly trainer: Pick<TrainerProcess, 'measure'>;
}

/** The answer comes with the trainer's events. */
export function askOpenLosses({ state, trainer }: OpenLossesOptions) {
  let domain = -1; // the first passage of the domain asked about last
  let due = FIRST; // open passages
  return ({ passages, openFirst, openPassages }: SegmenterStatus): void => {
    if (openFirst !== domain) {
      domain = openFirst;
      due = FIRST;
    }
    if (openPassages < due) return;
    const sample = () => ({
      task: state.counts.trained,
      openPassages,
      texts: sampleTexts(state, sampleOf(openFirst, passages, SAMPLE)),
    });
    if (!trainer.measure(sample)) return; // with the next batch
    while (due <= openPassages) due *= 2;
  };
}
