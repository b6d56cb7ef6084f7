/** Trains and publishes tasks. Whatever a crash interrupts, the same job again has the same result. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { baseShard, type Revision } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { makeRng } from '../../rng.ts';
import { weightsFor } from '../../train/base.ts';
import { freshLineage, type Lineage } from '../../train/lineage.ts';
import { pluginConfigFor } from '../../train/options.ts';
import { openTaskRunner } from '../../train/run-task.ts';
import { type LoadedBase, loadBase } from '../base.ts';
import { readPin } from '../hub/pin.ts';
import { openStore, type Store } from '../store/store.ts';
import { LineageFolder } from './lineage-folder.ts';
import { onDevice } from './on-device.ts';
import type { OpenSample, TrainerDone, TrainerJob, TrainerSetup } from './protocol.ts';
import { type Note, revisionOf } from './revision-of.ts';
import { forgetStepState } from './step-state.ts';
import { trainTask } from './training.ts';
import type { Ahead } from './vigil.ts';

export interface WorkerEffects {
  /** A sign of life. */
  readonly alive: (ahead: Ahead) => void;
  /** Called at named points, so that a test can crash there. */
  readonly at: (point: string) => void;
}

export interface Worker {
  readonly lineage: string;
  /** Blocks in one pass of a step. */
  readonly microBatch: number;
  /** @throws CptError CPT_TRAIN, CPT_DIVERGED, CPT_FORGETTING, CPT_STATE, CPT_DISK_FULL */
  run(job: TrainerJob): Promise<TrainerDone>;
  /** Tells the losses on a sample of the open domain, where it has any. */
  measure(sample: OpenSample): Promise<void>;
  dispose(): Promise<void>;
}

export async function openWorker(
  setup: TrainerSetup,
  emit: (event: CptEvent) => void,
  { alive, at }: WorkerEffects,
): Promise<Worker> {
  const base = await baseIn(setup);
  alive('phase');
  const plugin = pluginConfigFor(base.config, setup.options);
  const { opened: runner, fallbacks } = await onDevice(setup.folder, setup.options.device, (device) =>
    openTaskRunner(base, plugin, setup.options, { device }),
  );
  const folder = new LineageFolder(setup.folder, at);
  const store = openStore(setup.out, setup.lineage, { at });
  emit({ event: 'TrainerStarted', lineage: setup.lineage, provider: runner.provider, fallbacks });

  return {
    lineage: setup.lineage,
    microBatch: runner.microBatch,
    async run(job) {
      alive('phase');
      const key = jobKey(job);
      const known = readTask(folder, job.task, base, setup);
      if (known !== null && known.note.job === key) {
        const { lineage, note } = known;
        forgetStepState(setup.folder);
        return publish(lineage, note, revisionOf(lineage, note, base, setup), { store, setup });
      }
      const earlier = job.task === 1 ? null : readTask(folder, job.task - 1, base, setup);
      if (job.task > 1 && earlier === null) {
        throw new CptError(
          'CPT_STATE',
          `The state of ${setup.lineage} lacks the lineage of task ${job.task - 1}.`,
        );
      }
      const before = earlier && { lineage: earlier.lineage, revisions: earlier.note.revisions };
      const training = { runner, base, setup, emit, alive, at };
      const { lineage, trained } = await trainTask(job, key, before, training);
      at('after-training');
      const signatures = job.signatures;
      const draft: Note = {
        job: key,
        base: base.sha256,
        revisions: earlier?.note.revisions ?? [],
        trained,
        signatures,
        ...(runner.microBatch < setup.options.batch ? { microBatch: runner.microBatch } : {}),
      };
      const revision = revisionOf(lineage, draft, base, setup);
      const note: Note = { ...draft, revisions: [...draft.revisions, revision.revision] };
      await folder.write(job.task, { lineage, note });
      forgetStepState(setup.folder);
      return publish(lineage, note, revision, { store, setup });
    },
    async measure({ task, openPassages, texts }) {
      alive('phase');
      // a sample that waited for a task is measured with what that task left
      const known = readTask(folder, task + 1, base, setup) ?? readTask(folder, task, base, setup);
      const lineage = known?.lineage ?? freshLineage(plugin, makeRng(setup.options.seed));
      const losses = await runner.measure(lineage, texts);
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

function readTask(folder: LineageFolder, task: number, base: LoadedBase, setup: TrainerSetup) {
  const file = folder.read(task);
  if (file === null) return null;
  const note = file.note as Note;
  if (note.base !== base.sha256) {
    const pin = readPin(path.dirname(setup.folder));
    const begunOn = pin === null ? 'the base that it was begun on' : `${pin.base}, commit ${pin.commit}`;
    throw new CptError('CPT_STATE', `${setup.lineage} was begun on another base than ${setup.baseName}.`, {
      hint: `Run it on ${begunOn}, in the precision that it was begun with, or give this run another --state and --out.`,
    });
  }
  return { lineage: file.lineage, note };
}

function jobKey({ domain, texts }: TrainerJob): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:${text}`);
  return `${domain} ${hash.digest('hex')}`;
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
    bytes,
    seconds,
  };
  return { events: [note.trained, published] };
}
