/** Trains and publishes tasks. Whatever a crash interrupts, the same job again has the same result. */
import path from 'node:path';
import { baseShard, type Revision } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { weightsFor } from '../../train/base.ts';
import type { Lineage } from '../../train/lineage.ts';
import { pluginConfigFor } from '../../train/options.ts';
import { openTaskRunner } from '../../train/run-task.ts';
import type { Segment } from '../../train/segment.ts';
import { type LoadedBase, loadBase } from '../base.ts';
import { sweepDrafts } from '../files.ts';
import { readPin } from '../hub/pin.ts';
import { openStore, type Store } from '../store/store.ts';
import { jobKey } from './job-key.ts';
import { LineageFolder } from './lineage-folder.ts';
import { onDevice } from './on-device.ts';
import type { OpenSample, TrainerDone, TrainerJob, TrainerSetup } from './protocol.ts';
import { type Note, type RetiredNote, revisionOf } from './revision-of.ts';
import { forgetStepState } from './step-state.ts';
import { StopRequest } from './stop-request.ts';
import { trainTask } from './training.ts';
import type { Ahead } from './vigil.ts';

export interface WorkerEffects {
  /** A sign of life. */
  readonly alive: (ahead: Ahead) => void;
  /** Called at named points, so that a test can crash there. */
  readonly at: (point: string) => void;
  readonly stop?: StopRequest;
}

export interface Worker {
  readonly lineage: string;
  /** Blocks in one pass of a step. */
  readonly microBatch: number;
  /** @throws CptError CPT_TRAIN, CPT_DIVERGED, CPT_FORGETTING, CPT_STATE, CPT_DISK_FULL, CPT_INTERRUPTED */
  run(job: TrainerJob): Promise<TrainerDone>;
  /** Tells the losses on a sample of the open domain, where it has any. */
  measure(sample: OpenSample): Promise<void>;
  dispose(): Promise<void>;
}

export async function openWorker(
  setup: TrainerSetup,
  emit: (event: CptEvent) => void,
  { alive, at, stop = new StopRequest() }: WorkerEffects,
): Promise<Worker> {
  const base = await baseIn(setup);
  alive('phase');
  const plugin = pluginConfigFor(base.config, setup.options);
  const { opened: runner, fallbacks } = await onDevice(setup.folder, setup.options.device, (device) =>
    openTaskRunner(base, plugin, setup.options, { device }),
  );
  await sweepDrafts(setup.folder); // of trainers that were killed
  const folder = new LineageFolder(setup.folder, at);
  const store = openStore(setup.out, setup.lineage, { at });
  emit({ event: 'TrainerStarted', lineage: setup.lineage, provider: runner.provider, fallbacks });

  return {
    lineage: setup.lineage,
    microBatch: runner.microBatch,
    async run(job) {
      alive('phase');
      const key = jobKey(job);
      const known = noteOf(folder, job.task, base, setup);
      if (known !== null && 'job' in known && known.job === key) {
        forgetStepState(setup.folder);
        const lineage = folder.read(job.task, plugin);
        return publish(lineage, known, revisionOf(lineage, known, job.signatures, base, setup), {
          store,
          setup,
        });
      }
      const earlier = noteOf(folder, job.task - 1, base, setup);
      const before = folder.read(job.task - 1, plugin);
      const parent = earlier?.revision ?? null;
      const training = { runner, base, setup, emit, alive, at, stop };
      const { result, trained } = await trainTask(job, `${key} ${parent}`, before, training);
      at('after-training');
      const { label } = job;
      const draft: Omit<Note, 'revision'> = {
        job: key,
        base: base.sha256,
        parent,
        trained,
        ...(label ? { label } : {}),
        ...(runner.microBatch < setup.options.batch ? { microBatch: runner.microBatch } : {}),
      };
      const { version, detail, written, lineage } = result;
      const revision = revisionOf(lineage, draft, job.signatures, base, setup);
      const note: Note = { ...draft, revision: revision.revision };
      const segment: Segment = { plugin, widths: lineage.widths, version, detail, written, note };
      await folder.write(job.task, segment);
      forgetStepState(setup.folder);
      return publish(lineage, note, revision, { store, setup });
    },
    async measure({ task, openPassages, texts }) {
      alive('phase');
      // a sample that waited for a task is measured with what that task left
      const done = folder.segment(task + 1) === null ? task : task + 1;
      const losses = await runner.measure(folder.read(done, plugin), texts);
      if (losses === null) return;
      emit({ event: 'OpenDomainMeasured', lineage: setup.lineage, openPassages, ...losses });
    },
    dispose: () => runner.dispose(),
  };
}

async function baseIn({ base: folder, baseName, options: { precision } }: TrainerSetup): Promise<LoadedBase> {
  const base = await loadBase(folder, { name: baseName });
  if (precision === 'fp32') return base;
  const weights = await weightsFor(base, precision);
  return { ...base, weights, sha256: baseShard(base.config, weights).sha256 };
}

/** What the segment of a task says of it, or null where there is none. */
function noteOf(
  folder: LineageFolder,
  task: number,
  base: LoadedBase,
  setup: TrainerSetup,
): Note | RetiredNote | null {
  const head = folder.segment(task)?.head;
  if (head === undefined) return null;
  const note = head.note as Note | RetiredNote;
  if (note.base !== base.sha256) {
    const pin = readPin(path.dirname(setup.folder));
    const begunOn = pin === null ? 'the base that it was begun on' : `${pin.base}, commit ${pin.commit}`;
    throw new CptError('CPT_STATE', `${setup.lineage} was begun on another base than ${setup.baseName}.`, {
      hint: `Run it on ${begunOn}, in the precision that it was begun with, or give this run another --state and --out.`,
    });
  }
  return note;
}

interface Publishing {
  readonly store: Store;
  readonly setup: TrainerSetup;
}

async function publish(
  lineage: Lineage,
  note: Note,
  built: Revision,
  { store, setup }: Publishing,
): Promise<TrainerDone> {
  const since = performance.now();
  const { domain, version, task } = lineage.versions.at(-1)!;
  const { revision, bytes } = await store.publish(built);
  const seconds = (performance.now() - since) / 1000;
  const published: CptEvent = {
    event: 'CheckpointPublished',
    lineage: setup.lineage,
    domain,
    task,
    revision,
    ref: `${domain}.${version}`,
    label: note.label ?? null,
    bytes,
    seconds,
  };
  return { events: [note.trained, published] };
}
