/** What is done by hand must not come before what a feed has closed: tasks are numbered in the feed's order. */
import { CptError } from '../../errors.ts';
import type { State } from './state.ts';

/** @throws CptError CPT_STATE where closed domains wait for their tasks */
export function refuseWaiting(state: Pick<State, 'nextTask'>, lineage: string): void {
  if (state.nextTask() === null) return;
  throw new CptError('CPT_STATE', `Closed domains of ${lineage} wait for their tasks.`, {
    hint: 'Let cpt run finish them first.',
  });
}
