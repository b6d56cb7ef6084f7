/** `cpt run`: the pipeline, with its progress, its metrics and a report at the end. */
import { fromEvent, lastValueFrom, takeUntil, tap } from 'rxjs';
import { pipeline } from '../../pipelines/cpt.ts';
import { BUNDLED, type Config } from '../config/config-type.ts';
import { BUNDLED_BASE, BUNDLED_SAMPLE, packageVersion } from '../edge/bundled.ts';
import { openRun } from '../edge/run/open-run.ts';
import type { CptEvent } from '../events.ts';
import type { Command } from './command.ts';
import { openDisplay } from './display.ts';

/** Passages that may wait for training before the feed is held back. */
const MAX_WAITING = 100_000;

export const command: Command = {
  name: 'run',
  summary: 'read a feed, learn each domain, publish checkpoints',
  usage: 'run [PIPELINE] [--feed FILE|-|kafka://…] [flags]',
  positionals: 1,
  flags: [],
  settings: ['pipeline', 'places', 'base', 'serving', 'output', 'kafka', 'decode', 'segmenter', 'task'],

  async run({ config, io, env, signal }) {
    const now = () => performance.now() / 1000;
    const display = openDisplay(io, { json: config.json, env, now });
    const happened: CptEvent[] = [];
    const opened = await openRun(runSettings(config, env), null);
    happened.push(...opened.history);
    try {
      signal.throwIfAborted();
      const events = pipeline(opened.run).pipe(
        tap((event) => {
          happened.push(event);
          display.show(event);
        }),
        takeUntil(fromEvent(signal, 'abort')),
      );
      await lastValueFrom(events, { defaultValue: undefined });
    } finally {
      await opened.close();
      display.end();
    }
    signal.throwIfAborted();
    return 0;
  },
};

function runSettings(config: Config, env: Readonly<Record<string, string | undefined>>) {
  return {
    lineage: config.lineage,
    feed: config.feed === BUNDLED ? BUNDLED_SAMPLE : config.feed,
    base: config.base === BUNDLED ? BUNDLED_BASE : config.base,
    once: config.once,
    maxBytes: config.decode.maxBytes,
    state: config.state,
    out: config.out,
    decode: config.decode,
    segmenter: config.segmenter,
    task: config.task,
    maxWaiting: MAX_WAITING,
    version: packageVersion(),
    ...(env.CPT_CRASH_AT === undefined ? {} : { crashAt: env.CPT_CRASH_AT }),
  };
}
