/** One task outside of a feed, on the same state and with the same result. */
import path from 'node:path';
import type { CptEvent } from '../../events.ts';
import { type Pin, writePin } from '../hub/pin.ts';
import { taskFailed } from '../run/told.ts';
import { State } from '../state/state.ts';
import { refuseWaiting } from '../state/waiting.ts';
import { startTrainer } from './process.ts';
import type { TrainerSetup } from './protocol.ts';

export interface ByHand extends Omit<TrainerSetup, 'folder'> {
  /** Folder of states; this lineage's lies in it. */
  readonly state: string;
  /** Remembered in the state, where the base is a hub's. */
  readonly pin: Pin | null;
  readonly domain: string;
  readonly texts: readonly string[];
  readonly onEvent: (event: CptEvent) => void;
  /** Ends the task where it is; it can be run again. */
  readonly signal: AbortSignal;
}

/** @throws CptError CPT_STATE where closed domains of a feed wait for their tasks, and what a task throws */
export async function trainByHand({
  state: states,
  domain,
  texts,
  onEvent,
  pin,
  signal,
  ...setup
}: ByHand): Promise<void> {
  const { lineage } = setup;
  const folder = path.join(states, lineage);
  const state = State.open(folder, { lineage, onMigrated: onEvent });
  try {
    refuseWaiting(state, lineage);
    if (pin !== null) await writePin(folder, pin);
    const task = state.progress.trained + 1;
    const trainer = startTrainer({ ...setup, folder: path.join(folder, 'lineage') });
    const stop = () => void trainer.close();
    signal.addEventListener('abort', stop);
    try {
      onEvent({ event: 'TaskStarted', lineage, task, domain, passages: texts.length });
      const { events } = await trainer.run({ task, domain, texts, near: [], signatures: [] }, onEvent);
      state.adopt(events, 1);
      for (const event of [...trainer.drain(), ...events]) onEvent(event);
    } catch (error) {
      signal.throwIfAborted();
      const failed = taskFailed(lineage, { task, domain }, error);
      state.adopt(failed, 0);
      for (const event of failed) onEvent(event);
      throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      await trainer.close();
    }
  } finally {
    await state.close();
  }
}
