/** One task outside of a feed, on the same state and with the same result. */
import path from 'node:path';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { type Pin, writePin } from '../hub/pin.ts';
import { State } from '../state/state.ts';
import type { TrainerSetup } from './protocol.ts';
import { openWorker } from './worker.ts';

export interface ByHand extends Omit<TrainerSetup, 'folder'> {
  /** Folder of states; this lineage's lies in it. */
  readonly state: string;
  /** Remembered in the state, where the base is a hub's. */
  readonly pin: Pin | null;
  readonly domain: string;
  readonly texts: readonly string[];
  readonly onEvent: (event: CptEvent) => void;
}

/** @throws CptError CPT_STATE where closed domains of a feed wait for their tasks, and what a task throws */
export async function trainByHand({
  state: states,
  domain,
  texts,
  onEvent,
  pin,
  ...setup
}: ByHand): Promise<void> {
  const { lineage } = setup;
  const folder = path.join(states, lineage);
  const state = State.open(folder, { lineage });
  try {
    if (state.nextTask() !== null) {
      throw new CptError('CPT_STATE', `Closed domains of ${lineage} wait for their tasks.`, {
        hint: 'Let cpt run finish them first.',
      });
    }
    if (pin !== null) await writePin(folder, pin);
    const task = state.progress.trained + 1;
    const worker = await openWorker({ ...setup, folder: path.join(folder, 'lineage') }, onEvent);
    onEvent({ event: 'TaskStarted', lineage, task, domain, passages: texts.length });
    const { events } = await worker.run({ task, domain, texts, signatures: [] });
    state.adopt(events);
    for (const event of events) onEvent(event);
    await worker.dispose();
  } finally {
    await state.close();
  }
}
