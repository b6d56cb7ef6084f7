/** A small lineage as its tasks leave it, state and published, without a process for them. */
import fs from 'node:fs';
import path from 'node:path';
import { State } from '../../../src/edge/state/state.ts';
import { TRAINER_DEFAULTS } from '../../../src/edge/trainer/options.ts';
import type { TrainerSetup } from '../../../src/edge/trainer/protocol.ts';
import { openWorker, type Worker } from '../../../src/edge/trainer/worker.ts';
import type { CptEvent } from '../../../src/events.ts';
import { makeRng } from '../../../src/rng.ts';
import { tinyPassages, tinyTask } from '../../fixtures/tiny.ts';

export interface Place {
  readonly state: string;
  readonly out: string;
}

export const placeIn = (folder: string): Place => ({
  state: path.join(folder, 'state'),
  out: path.join(folder, 'out'),
});

export function copyOf(place: Place, folder: string): Place {
  const copy = placeIn(folder);
  for (const key of ['state', 'out'] as const) fs.cpSync(place[key], copy[key], { recursive: true });
  return copy;
}

/** Trains tasks by hand, a domain and its topic each. */
export async function trainTasks(
  { state, out }: Place,
  base: string,
  tasks: readonly (readonly [domain: string, topic: string])[],
): Promise<CptEvent[]> {
  const folder = path.join(state, 'l');
  const setup: TrainerSetup = {
    lineage: 'l',
    base,
    baseName: base,
    folder: path.join(folder, 'lineage'),
    out,
    options: tinyTask,
    trainer: TRAINER_DEFAULTS,
    version: '0',
  };
  const told: CptEvent[] = [];
  const kept = State.open(folder, { lineage: 'l' });
  let worker: Worker | undefined;
  try {
    worker = await openWorker(setup, () => {}, { alive: () => {}, at: () => {} });
    for (const [domain, topic] of tasks) {
      const task = kept.counts.trained + 1;
      const texts = tinyPassages(topic, 60, makeRng(`${topic} ${task}`));
      const { events } = await worker.run({ task, domain, texts, near: [], signatures: [] });
      kept.adopt(events, 1);
      told.push(...events);
    }
  } finally {
    await worker?.dispose();
    await kept.close();
  }
  return told;
}
