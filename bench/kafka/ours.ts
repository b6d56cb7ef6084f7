/** The whole way of `cpt run`, from the topic to durable, segmented state; tasks are done as soon as they are begun. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from '../../pipelines/cpt.ts';
import { CONFIG_DEFAULTS } from '../../src/config.ts';
import { BUNDLED_BASE } from '../../src/edge/bundled.ts';
import { openRun, type RunSettings } from '../../src/edge/run/open-run.ts';
import { serveMetrics } from '../../src/edge/run/serve-metrics.ts';
import type { TrainerProcess } from '../../src/edge/trainer/process.ts';
import { drain } from '../../src/stream/drain.ts';
import type { Measured } from './measured.ts';
import { startMeter } from './meter.ts';
import type { ReaderInput } from './start-reader.ts';

/** Takes a task's passages and has it done: so they leave the state, as after a training. */
const NO_TRAINER: TrainerProcess = {
  run: async () => ({ events: [] }),
  measure: () => true,
  drain: () => [],
  stop: () => {},
  failure: null,
  close: async () => {},
};

export async function readOurs({ brokers, topic, passages, every }: ReaderInput): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'cpt-kafka-bench-'));
  const metrics = await serveMetrics({ lineage: 'bench', version: '0', port: 'off', host: '' });
  try {
    const opened = await openRun(settings(folder, `kafka://${brokers.join(',')}/${topic}`), null, {
      startTrainer: () => NO_TRAINER,
    });
    try {
      const meter = startMeter(every);
      let read = 0;
      let domains = 0;
      await drain(
        pipeline(opened.run),
        (event) => {
          metrics.observe(event);
          if (event.event === 'PassagesRead') {
            read += event.accepted;
            meter.at(read);
          }
          if (event.event === 'DomainClosed') domains++;
        },
        new AbortController().signal,
      );
      if (read !== passages) throw new Error(`${read} of ${passages} passages came through.`);
      return meter.end(domains);
    } finally {
      await opened.close();
    }
  } finally {
    await metrics.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function settings(folder: string, feed: string): RunSettings {
  const { decode, segmenter, task, trainer, kafka, reading, taskInterval } = CONFIG_DEFAULTS;
  return {
    lineage: 'bench',
    feed,
    once: true,
    state: join(folder, 'state'),
    out: join(folder, 'out'),
    base: BUNDLED_BASE,
    baseName: 'bundled',
    pin: null,
    kafka,
    deadLetters: '',
    reading,
    decode,
    segmenter,
    encoder: null,
    task,
    trainer,
    waiting: { passages: 3 * segmenter.maxPassages, bytes: 3 * segmenter.maxBytes, tasks: 100 },
    taskInterval,
    version: '0',
  };
}
