/** `cpt run`: the pipeline, with its progress, its metrics and a report at the end. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from '../../pipelines/cpt.ts';
import { BUNDLED, type Config } from '../config/config-type.ts';
import { BUNDLED_SAMPLE, packageVersion } from '../edge/bundled.ts';
import { openObjectStore } from '../edge/objects/object-store.ts';
import { openPublisher } from '../edge/run/open-publisher.ts';
import { openRun, type RunRole, type RunSettings } from '../edge/run/open-run.ts';
import { CptError } from '../errors.ts';
import type { CptEvent } from '../events.ts';
import { drain } from '../stream/drain.ts';
import { type OpenedBase, openBase } from './base.ts';
import type { Command, CommandContext } from './command.ts';
import { openEncoderFolder } from './encoder.ts';
import { type Grace, graceOf, whenAborted } from './grace.ts';
import { feedPlace } from './places.ts';
import { reportLines } from './report.ts';
import { stretchesOf } from './report-domains.ts';
import { Interrupted } from './signals.ts';
import { type Surroundings, surrounded } from './surroundings.ts';

/** What may wait for training before the feed is held back; room for three domains of full size at the least. */
const MAX_WAITING = { passages: 100_000, bytes: 512 * 1024 * 1024, tasks: 100 };
const PROGRAM = 'npm run -s cpt --';
/** What the report is made of; the rest only passes by. */
const REPORTED = new Set<CptEvent['event']>([
  'DomainClosed',
  'TaskTrained',
  'CheckpointPublished',
  'DeadLetter',
]);

export const command: Command = {
  name: 'run',
  summary: 'read a feed, learn each domain, publish checkpoints',
  usage: 'run [PIPELINE] [--feed FILE|-|kafka://…] [flags]',
  positionals: 1,
  flags: [],
  settings: [
    'pipeline',
    'places',
    'base',
    'serving',
    'output',
    'kafka',
    'machines',
    'decode',
    'segmenter',
    'task',
    'trainer',
  ],

  async run(context) {
    const grace = graceOf(context.signal, context.config.grace);
    try {
      return await grace.within(follow(context, grace));
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      context.io.stderr.write(`${error.toLine()}\n`);
      return error.status;
    } finally {
      grace.end();
    }
  },
};

/** Runs until the feed ends or a stop is asked for. @throws Interrupted after a stop, when all is closed */
async function follow({ args, config, io, env, signal }: CommandContext, grace: Grace): Promise<number> {
  checkChoice('pipeline', args.positionals[0] ?? config.pipeline, 'cpt');
  checkChoice('strategy', config.strategy, 'cpt');
  const context = { config, io, env, signal };
  switch (config.machines.role) {
    case 'encode':
      return (await import('./run-encode.ts')).runEncode(context);
    case 'train':
      return (await import('./run-train.ts')).runTrain(context);
    case 'serve': {
      const { DEFAULT_ORG, serve } = await import('./serve.ts');
      await serve(context, DEFAULT_ORG);
      signal.throwIfAborted();
      return 0;
    }
    default:
      return surrounded(context, config.lineage, (surroundings) => stream(context, grace, surroundings));
  }
}

/** The roles that read a feed into a state: all, and segment. */
async function stream(
  { config, env, signal }: Pick<CommandContext, 'config' | 'env' | 'signal'>,
  grace: Grace,
  { metrics, display, logger, emit, announce, closing }: Surroundings,
): Promise<number> {
  const { lineage, state } = config;
  const { show, print } = display;
  const base = await openBase({ config, env, signal, state: path.join(state, lineage), show, say: print });
  const encoder = await openEncoderFolder({ config, env, signal, say: print });
  const settings = runSettings(config, base, encoder, { logger, env });
  if (base.pin !== null) logger.info({ ...base.pin }, 'base model from a hub');
  const publisher = await openPublisher(config.events, settings);
  closing.push(async () => publisher?.close());
  const role = await roleOf(config, settings);
  closing.push(async () => role.close?.());
  const opened = await openRun(role.settings ?? settings, publisher?.publish ?? null, role);
  closing.push(() => opened.close());
  metrics.opened(opened.history);
  if (opened.migrated !== null) show(opened.migrated);
  announce();
  const told = [...opened.history];
  whenAborted(signal, () => opened.run.stop());
  await drain(
    pipeline(opened.run),
    (event) => {
      emit(event);
      if (REPORTED.has(event.event)) told.push(event);
    },
    grace.late,
  );
  grace.late.throwIfAborted();
  signal.throwIfAborted();
  display.end();
  const isSample = config.machines.role === 'all' && config.feed === BUNDLED;
  const truth = isSample ? stretchesOf(await readFile(BUNDLED_SAMPLE, 'utf8')) : null;
  const { deadLetters } = opened;
  const report = { lineage, events: told, truth, out: config.out, deadLetters, program: PROGRAM };
  display.print(['', ...reportLines(report)]);
  return 0;
}

interface Part extends RunRole {
  /** In place of those that were given. */
  readonly settings?: RunSettings;
  close?(): Promise<void>;
}

/** What takes the place of the run's own parts. */
async function roleOf({ machines }: Config, settings: RunSettings): Promise<Part> {
  const { role, store: place, s3Endpoint, encoded, tasks } = machines;
  if (place === '') return {};
  const store = await openObjectStore(place, { endpoint: s3Endpoint });
  const { lineage } = settings;
  if (role === 'all') {
    const { mirrorTo } = await import('../edge/roles/mirror.ts');
    const { logger } = settings;
    const clock = () => performance.now() / 1000;
    return { startTrainer: await mirrorTo({ store, lineage, clock, ...(logger && { logger }) }) };
  }
  const { openSegmentRole } = await import('../edge/roles/segment-role.ts');
  const part = await openSegmentRole({ ...settings, store, encoded, tasks });
  // what encode accepted is text, whatever it looks like
  return { ...part, settings: { ...settings, decode: { ...settings.decode, format: 'text' } } };
}

function checkChoice(what: string, given: string, only: string): void {
  if (given === only) return;
  throw new CptError('CPT_CONFIG', `There is no ${what} ${JSON.stringify(given)}.`, {
    hint: `There is ${only}.`,
  });
}

function runSettings(
  config: Config,
  base: OpenedBase,
  encoder: string | null,
  { logger, env }: Pick<CommandContext, 'env'> & Pick<Surroundings, 'logger'>,
): RunSettings {
  return {
    lineage: config.lineage,
    feed: feedPlace(config),
    base: base.folder,
    baseName: base.name,
    pin: base.pin,
    once: config.once,
    state: config.state,
    out: config.out,
    kafka: config.kafka,
    deadLetters: config.deadLetters,
    logger,
    reading: config.reading,
    decode: config.decode,
    segmenter: config.segmenter,
    encoder,
    task: config.task,
    trainer: config.trainer,
    waiting: {
      passages: Math.max(MAX_WAITING.passages, 3 * config.segmenter.maxPassages),
      bytes: Math.max(MAX_WAITING.bytes, 3 * config.segmenter.maxBytes),
      tasks: MAX_WAITING.tasks,
    },
    taskInterval: config.taskInterval,
    version: packageVersion(),
    ...(env.CPT_CRASH_AT === undefined ? {} : { crashAt: env.CPT_CRASH_AT }),
  };
}
