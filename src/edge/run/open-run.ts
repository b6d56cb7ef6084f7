/** Opens everything that a run stands on, in the order in which a mistake shows soonest. */
import path from 'node:path';
import { Segmenter, type SegmenterOptions } from '../../domains/index.ts';
import type { CptEvent, StateMigrated } from '../../events.ts';
import { checkLength, type TaskOptions } from '../../train/options.ts';
import { checkBase } from '../base.ts';
import { checkHead } from '../base-head.ts';
import { crashPoints } from '../crash.ts';
import { checkDevice } from '../devices/probe-in-child.ts';
import { openFeatures } from '../encoder/feature-source.ts';
import type { OpenFeed } from '../feed/feed.ts';
import { type Pin, writePin } from '../hub/pin.ts';
import { State } from '../state/state.ts';
import type { TrainerOptions } from '../trainer/options.ts';
import { startTrainer, type TrainerProcess } from '../trainer/process.ts';
import type { TrainerSetup } from '../trainer/protocol.ts';
import { type DeadLetterSetting, deadLettersOf } from './open-dead-letters.ts';
import { type FeedSetting, feedOf } from './open-feed.ts';
import { askOpenLosses } from './open-losses.ts';
import { watchOpenText } from './open-text.ts';
import { paceOf, type WaitingBounds } from './pace.ts';
import type { RunParts } from './parts.ts';
import { Run } from './run.ts';

export interface RunSettings extends FeedSetting, DeadLetterSetting {
  /** Folder of states; this lineage's lies in it. */
  readonly state: string;
  readonly out: string;
  /** Folder of the base model. */
  readonly base: string;
  /** The base as a person named it. */
  readonly baseName: string;
  /** Remembered in the state, where the base is a hub's. */
  readonly pin: Pin | null;
  readonly segmenter: SegmenterOptions;
  /** Folder of the sentence encoder, null where passages are told apart by their words. */
  readonly encoder: string | null;
  readonly task: TaskOptions;
  readonly trainer: TrainerOptions;
  readonly waiting: WaitingBounds;
  /** Seconds between the beginnings of two tasks; 0: each begins as soon as it can. */
  readonly taskInterval: number;
  readonly version: string;
  /** See `crashPoints`; for tests. */
  readonly crashAt?: string;
}

/** What a run that is one of several machines has in place of its own parts. */
export interface RunRole {
  /** A feed whose records bring their features; what these must have been made by comes in, see `FeatureSource`. */
  readonly openFeed?: (encoder: string) => OpenFeed;
  readonly startTrainer?: (setup: TrainerSetup) => TrainerProcess;
}

export interface OpenedRun {
  readonly run: Run;
  /** What earlier runs of this lineage did. */
  readonly history: readonly CptEvent[];
  /** Set where the state was of an earlier version. */
  readonly migrated: StateMigrated | null;
  readonly deadLetters: string;
  close(): Promise<void>;
}

/** @throws CptError of every opening: feed, state, dead letters */
export async function openRun(
  settings: RunSettings,
  publish: RunParts['publish'],
  role: RunRole = {},
): Promise<OpenedRun> {
  const { lineage } = settings;
  const config = await checkBase(settings.base);
  checkLength(config, settings.task);
  await checkHead(settings.base, config, settings.baseName);
  await checkDevice(settings.task.device);
  const folder = path.join(settings.state, lineage);
  const { segmenter: bounds, taskInterval, task } = settings;
  // A task that must wait takes in what its domain goes on with, up to the size of one domain.
  const joining =
    taskInterval > 0 ? { passages: bounds.maxPassages, bytes: bounds.maxBytes, seed: task.seed } : null;
  const opened: { close(): Promise<unknown> }[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  try {
    const features = await openFeatures(settings.encoder);
    opened.push(features);
    const at = crashPoints(settings.crashAt);
    let migrated: StateMigrated | null = null;
    const onMigrated = (event: StateMigrated): void => {
      migrated = event;
    };
    const state = State.open(folder, { lineage, features: features.identity, joining, at, onMigrated });
    opened.push(state);
    if (settings.pin !== null) await writePin(folder, settings.pin);
    const { offsets, segmenter: snapshot, deadLetterBytes } = state.progress;
    const openFeed = role.openFeed?.(features.identity) ?? (await feedOf(settings));
    const feed = await openFeed(offsets);
    opened.push(feed);
    const segmenter =
      snapshot === null ? new Segmenter(settings.segmenter) : Segmenter.restore(snapshot, settings.segmenter);
    const deadLetters = await deadLettersOf(settings, folder, deadLetterBytes);
    opened.push(deadLetters);
    const trainer = (role.startTrainer ?? startTrainer)({
      lineage,
      base: settings.base,
      baseName: settings.baseName,
      folder: path.join(folder, 'lineage'),
      out: settings.out,
      options: settings.task,
      trainer: settings.trainer,
      version: settings.version,
    });
    opened.push(trainer);
    const { decode, waiting } = settings;
    const clock = () => performance.now() / 1000;
    const measureText = watchOpenText({ lineage, base: settings.base, state, clock });
    const askLosses = askOpenLosses({ state, trainer });
    const watch: RunParts['watch'] = (open) => {
      askLosses(open);
      return measureText(open);
    };
    const parts = {
      lineage,
      feed,
      segmenter,
      features: role.openFeed === undefined ? features : { ...features, of: async () => null },
      state,
      trainer,
      deadLetters,
      decode,
      publish,
      watch,
      waiting,
      pace: paceOf(taskInterval, () => Date.now() / 1000),
      clock,
    };
    return { run: new Run(parts), history: state.history(), migrated, deadLetters: deadLetters.place, close };
  } catch (error) {
    await close();
    throw error;
  }
}
