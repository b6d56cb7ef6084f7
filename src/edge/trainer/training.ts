/** One task in the trainer: what it tells while it runs, what it saves, and what it goes on from. */
import { createHash } from 'node:crypto';
import { CptError } from '../../errors.ts';
import type { CptEvent, TaskTrained } from '../../events.ts';
import { neuronShapes, pluginShapes } from '../../plugin/config.ts';
import { type Lineage, lineageOccupancy } from '../../train/lineage.ts';
import { pluginConfigFor } from '../../train/options.ts';
import type { TaskResult, TaskRunner } from '../../train/run-task.ts';
import type { TaskHooks, TaskProgress } from '../../train/task.ts';
import type { LoadedBase } from '../base.ts';
import type { TrainerJob, TrainerSetup } from './protocol.ts';
import { StepStateFile } from './step-state.ts';
import type { StopRequest } from './stop-request.ts';
import type { Ahead } from './vigil.ts';

const PROGRESS_EVERY_MS = 250;

export interface Training {
  readonly runner: TaskRunner;
  readonly base: LoadedBase;
  readonly setup: TrainerSetup;
  readonly emit: (event: CptEvent) => void;
  readonly alive: (ahead: Ahead) => void;
  readonly at: (point: string) => void;
  readonly stop: StopRequest;
}

export interface TrainedTask {
  readonly result: TaskResult;
  readonly trained: TaskTrained;
}

/**
 * @param key of the job and of all that came before it
 * @param start the lineage as the task before left it
 * @throws CptError CPT_INTERRUPTED after a step that was saved, where a stop was asked for
 */
export async function trainTask(
  job: TrainerJob,
  key: string,
  start: Lineage,
  training: Training,
): Promise<TrainedTask> {
  const { runner, base, setup, emit, alive, stop } = training;
  const { task, domain, texts, near } = job;
  const { lineage: name, options } = setup;
  const plugin = pluginConfigFor(base.config, options);
  if (JSON.stringify(start.plugin) !== JSON.stringify(plugin)) {
    throw new CptError('CPT_STATE', `${name} was begun with plugins of other sizes or placement.`, {
      hint: 'Run it with the settings that it was begun with, or give this run another --state.',
    });
  }
  const states = stepStates(job, key, training);
  const resume = states.read();
  const since = performance.now();
  let told = since;
  let tokens = 0;
  let lastStep = 0;
  const onStep = (progress: TaskProgress): void => {
    tokens += progress.tokens;
    const now = performance.now();
    if (now - told < PROGRESS_EVERY_MS && progress.step < progress.steps) return;
    const { step, steps, loss } = progress;
    emit({ event: 'TaskProgress', lineage: name, task, domain, step, steps, tokens, loss });
    told = now;
    tokens = 0;
  };
  const hooks: TaskHooks = {
    onStart: (steps) => {
      stop.begin();
      lastStep = steps;
      if (resume === null) return;
      emit({ event: 'TaskResumed', lineage: name, task, domain, step: resume.step, steps });
    },
    onStep,
    clock: () => performance.now() / 1000,
    onPass: () => alive('pass'),
    resume,
    save: async (step, slots) => {
      await states.save(step, slots, stop.asked);
      // After its last step it is about to end: it may.
      if (!stop.asked || step === lastStep) return;
      throw new CptError('CPT_INTERRUPTED', `Task ${task} was stopped at step ${step} of ${lastStep}.`);
    },
  };
  const result = await runner.run(start, { domain, texts, near }, hooks);
  alive('phase');
  const trained: TaskTrained = {
    event: 'TaskTrained',
    lineage: name,
    task,
    domain,
    passages: texts.length,
    tokens: result.tokens,
    seconds: (performance.now() - since) / 1000,
    provider: runner.provider,
    microBatch: runner.microBatch,
    losses: result.losses,
    neurons: lineageOccupancy(result.lineage),
    forwardTransfer: result.forwardTransfer,
    backwardTransfer: result.backwardTransfer,
    proved: true, // an unproved task throws
    proofSeconds: result.proofSeconds,
  };
  return { result, trained };
}

/** All that the bytes of a task depend on goes into the key, so also what only rounds otherwise. */
function stepStates(
  { task, domain, near }: TrainerJob,
  inputs: string,
  { runner, base, setup, emit, at }: Training,
): StepStateFile {
  const { lineage, options, version } = setup;
  const { provider, microBatch } = runner;
  const parts = [task, domain, near, inputs, base.sha256, options, version, provider, microBatch];
  const plugin = pluginConfigFor(base.config, options);
  const shapes = Object.entries({ ...pluginShapes(plugin), ...neuronShapes(plugin, 'e') });
  return new StepStateFile({
    folder: setup.folder,
    key: createHash('sha256').update(JSON.stringify(parts)).digest('hex'),
    sizes: Object.fromEntries(
      shapes.map(([name, shape]) => [name, shape.reduce((size, axis) => size * axis, 1)]),
    ),
    every: setup.trainer.saveEvery,
    clock: () => performance.now() / 1000,
    warn: ({ code, message }) => {
      const why = `The running task could not be saved and goes on: ${message}`;
      emit({ event: 'TrainerWarned', lineage, code, message: why });
    },
    at,
  });
}
