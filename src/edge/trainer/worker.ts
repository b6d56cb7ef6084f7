/** Trains and publishes tasks. Whatever a crash interrupts, the same job again has the same result. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { baseShard, type Revision } from '../../checkpoint/index.ts';
import { CptError } from '../../errors.ts';
import type { CptEvent, TaskTrained } from '../../events.ts';
import { makeRng } from '../../rng.ts';
import { weightsFor } from '../../train/base.ts';
import { freshLineage, type Lineage, lineageOccupancy } from '../../train/lineage.ts';
import { pluginConfigFor } from '../../train/options.ts';
import { openTaskRunner, type TaskRunner } from '../../train/run-task.ts';
import type { TaskProgress } from '../../train/task.ts';
import { type LoadedBase, loadBase } from '../base.ts';
import { readPin } from '../hub/pin.ts';
import { openStore, type Store } from '../store/store.ts';
import { LineageFolder } from './lineage-folder.ts';
import { onDevice } from './on-device.ts';
import type { TrainerDone, TrainerJob, TrainerSetup } from './protocol.ts';
import { type Note, revisionOf } from './revision-of.ts';

const PROGRESS_EVERY_MS = 250;

export interface Worker {
  /** @throws CptError CPT_TRAIN, CPT_FORGETTING, CPT_STATE, CPT_DISK_FULL */
  run(job: TrainerJob): Promise<TrainerDone>;
  dispose(): Promise<void>;
}

export async function openWorker(
  setup: TrainerSetup,
  emit: (event: CptEvent) => void,
  at: (point: string) => void = () => {},
): Promise<Worker> {
  const base = await baseIn(setup);
  const plugin = pluginConfigFor(base.config, setup.options);
  const { opened: runner, fallbacks } = await onDevice(setup.folder, setup.options.device, (device) =>
    openTaskRunner(base, plugin, setup.options, { device }),
  );
  const folder = new LineageFolder(setup.folder, at);
  const store = openStore(setup.out, setup.lineage, { at });
  emit({ event: 'TrainerStarted', lineage: setup.lineage, provider: runner.provider, fallbacks });

  return {
    async run(job) {
      const key = jobKey(job);
      const known = readTask(folder, job.task, base, setup);
      if (known !== null && known.note.job === key) {
        const { lineage, note } = known;
        return publish(lineage, note, revisionOf(lineage, note, base, setup), { store, setup });
      }
      const earlier = job.task === 1 ? null : readTask(folder, job.task - 1, base, setup);
      if (job.task > 1 && earlier === null) {
        throw new CptError(
          'CPT_STATE',
          `The state of ${setup.lineage} lacks the lineage of task ${job.task - 1}.`,
        );
      }
      const { lineage, trained } = await train(job, earlier?.lineage ?? null, { runner, base, setup, emit });
      at('after-training');
      const signatures = job.signatures;
      const draft: Note = {
        job: key,
        base: base.sha256,
        revisions: earlier?.note.revisions ?? [],
        trained,
        signatures,
      };
      const revision = revisionOf(lineage, draft, base, setup);
      const note: Note = { ...draft, revisions: [...draft.revisions, revision.revision] };
      await folder.write(job.task, { lineage, note });
      return publish(lineage, note, revision, { store, setup });
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

interface Training {
  readonly runner: TaskRunner;
  readonly base: LoadedBase;
  readonly setup: TrainerSetup;
  readonly emit: (event: CptEvent) => void;
}

async function train(
  { task, domain, texts }: TrainerJob,
  earlier: Lineage | null,
  { runner, base, setup, emit }: Training,
): Promise<{ lineage: Lineage; trained: TaskTrained }> {
  const plugin = pluginConfigFor(base.config, setup.options);
  const start = earlier ?? freshLineage(plugin, makeRng(setup.options.seed));
  if (JSON.stringify(start.plugin) !== JSON.stringify(plugin)) {
    throw new CptError('CPT_STATE', `${setup.lineage} was begun with plugins of other sizes or placement.`, {
      hint: 'Run it with the settings that it was begun with, or give this run another --state.',
    });
  }
  const since = performance.now();
  let told = since;
  let tokens = 0;
  const onStep = (progress: TaskProgress): void => {
    tokens += progress.tokens;
    const now = performance.now();
    if (now - told < PROGRESS_EVERY_MS && progress.step < progress.steps) return;
    const { step, steps, loss } = progress;
    emit({ event: 'TaskProgress', lineage: setup.lineage, task, domain, step, steps, tokens, loss });
    told = now;
    tokens = 0;
  };
  const result = await runner.run(start, domain, texts, { onStep });
  const trained: TaskTrained = {
    event: 'TaskTrained',
    lineage: setup.lineage,
    task,
    domain,
    passages: texts.length,
    tokens: result.tokens,
    seconds: (performance.now() - since) / 1000,
    provider: runner.provider,
    losses: result.losses,
    neurons: lineageOccupancy(result.lineage),
    forwardTransfer: result.forwardTransfer,
    backwardTransfer: result.backwardTransfer,
    proved: true, // an unproved task throws
  };
  return { lineage: result.lineage, trained };
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
