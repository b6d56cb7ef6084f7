/** `cpt run`: the pipeline, with its progress, its metrics and a report at the end. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from '../../pipelines/cpt.ts';
import { BUNDLED, type Config } from '../config/config-type.ts';
import { BUNDLED_SAMPLE, packageVersion } from '../edge/bundled.ts';
import { openObjectStore } from '../edge/objects/object-store.ts';
import { openPublisher } from '../edge/run/open-publisher.ts';
import { openRun, type RunRole, type RunSettings } from '../edge/run/open-run.ts';
import { serveMetrics } from '../edge/run/serve-metrics.ts';
import { CptError } from '../errors.ts';
import type { CptEvent } from '../events.ts';
import { drain } from '../stream/drain.ts';
import { type OpenedBase, openBase } from './base.ts';
import type { Command, CommandContext } from './command.ts';
import { openDisplay } from './display.ts';
import { openEncoderFolder } from './encoder.ts';
import { type Grace, graceOf, whenAborted } from './grace.ts';
import { openLogger } from './logger.ts';
import { feedPlace } from './places.ts';
import { reportLines } from './report.ts';
import { stretchesOf } from './report-domains.ts';
import { Interrupted } from './signals.ts';

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
  if (config.machines.role === 'train') {
    const { runTrain } = await import('./run-train.ts');
    return runTrain({ config, io, env, signal });
  }
  const { lineage, port, host, state } = config;
  const metrics = await serveMetrics({ lineage, version: packageVersion(), port, host });
  whenAborted(signal, () => metrics.stopping());
  const closing: (() => Promise<void>)[] = [() => metrics.close()];
  try {
    const display = openDisplay(io, { json: config.json, env, now: () => performance.now() / 1000 });
    closing.push(async () => display.end());
    const { show, print } = display;
    const base = await openBase({
      config,
      env,
      signal,
      state: path.join(state, lineage),
      show,
      say: print,
    });
    const encoder = await openEncoderFolder({ config, env, signal, say: print });
    const settings = runSettings(config, base, encoder, { io, env });
    if (base.pin !== null) settings.logger?.info({ ...base.pin }, 'base model from a hub');
    const publisher = await openPublisher(config.events, settings);
    closing.push(async () => publisher?.close());
    const opened = await openRun(settings, publisher?.publish ?? null, await roleOf(config));
    closing.push(() => opened.close());
    metrics.opened(opened.history);
    if (opened.migrated !== null) show(opened.migrated);
    if (metrics.url !== null && !config.json) display.print([`metrics at ${metrics.url}/metrics`]);
    const told = [...opened.history];
    whenAborted(signal, () => opened.run.stop());
    await drain(
      pipeline(opened.run),
      (event) => {
        metrics.observe(event);
        display.show(event);
        if (REPORTED.has(event.event)) told.push(event);
      },
      grace.late,
    );
    grace.late.throwIfAborted();
    signal.throwIfAborted();
    display.end();
    const truth = config.feed === BUNDLED ? stretchesOf(await readFile(BUNDLED_SAMPLE, 'utf8')) : null;
    const { deadLetters } = opened;
    const report = { lineage, events: told, truth, out: config.out, deadLetters, program: PROGRAM };
    display.print(['', ...reportLines(report)]);
  } finally {
    for (const close of closing.reverse()) await close();
  }
  return 0;
}

/** What takes the place of the run's own parts. */
async function roleOf({ lineage, machines: { store, s3Endpoint } }: Config): Promise<RunRole> {
  if (store === '') return {};
  const { mirrorTo } = await import('../edge/roles/mirror.ts');
  return { startTrainer: await mirrorTo(await openObjectStore(store, { endpoint: s3Endpoint }), lineage) };
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
  { io, env }: Pick<CommandContext, 'io' | 'env'>,
): RunSettings {
  return {
    lineage: config.lineage,
    feed: feedPlace(config),
    base: base.folder,
    baseName: base.name,
    pin: base.pin,
    once: config.once,
    maxBytes: config.decode.maxBytes,
    state: config.state,
    out: config.out,
    kafka: config.kafka,
    deadLetters: config.deadLetters,
    logger: openLogger(config.logLevel, { write: (line) => io.stderr.write(line) }),
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
