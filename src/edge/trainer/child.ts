/** The trainer process: trains and publishes one task at a time, and ends with the pipeline that started it. */
import { CptError } from '../../errors.ts';
import { crashPoints } from '../crash.ts';
import { isAllocationFailure } from './memory.ts';
import type { FromTrainer, ToTrainer, TrainerFailure } from './protocol.ts';
import { StopRequest } from './stop-request.ts';
import { traceJobs } from './trace-jobs.ts';
import type { Ahead } from './vigil.ts';
import { openWorker, type Worker } from './worker.ts';

/** Between two signs of life of the same kind. */
const ALIVE_EVERY_MS = 100;

function send(message: FromTrainer): void {
  process.send?.(message, () => {}); // a pipeline that is gone shows by `disconnect`, not by this write
}

const stop = new StopRequest();
const trace = traceJobs(process.env.CPT_TRACE_JOBS);
let worker: Promise<Worker> | undefined;
let microBatch: number | null = null;
let last = { ahead: 'phase' as Ahead, at: Number.NEGATIVE_INFINITY };

function alive(ahead: Ahead): void {
  const at = performance.now();
  if (ahead === last.ahead && at - last.at < ALIVE_EVERY_MS) return;
  last = { ahead, at };
  send({ kind: 'alive', alive: { ahead, memory: process.memoryUsage.rss(), microBatch } });
}

async function handle(message: Exclude<ToTrainer, { kind: 'stop' }>): Promise<void> {
  if (message.kind === 'setup') {
    const at = crashPoints(process.env.CPT_CRASH_TRAINER_AT);
    worker = openWorker(message.setup, (event) => send({ kind: 'event', event }), { alive, at, stop });
    worker.then(
      (open) => {
        microBatch = open.microBatch;
      },
      (error: unknown) => send({ kind: 'failed', failure: failureOf(error) }),
    );
    return;
  }
  const open = await worker!.catch(() => null); // that it failed was said already
  if (open === null) return;
  if (message.kind === 'measure') {
    await open.measure(message.sample).catch((error: unknown) => {
      const { code, message: why } = failureOf(error);
      const text = `The open domain was not measured: ${why}`;
      send({ kind: 'event', event: { event: 'TrainerWarned', lineage: open.lineage, code, message: text } });
    });
    send({ kind: 'measured' });
    return;
  }
  try {
    trace(message.job);
    send({ kind: 'done', done: await open.run(message.job) });
  } catch (error) {
    send({ kind: 'failed', failure: failureOf(error) });
  } finally {
    stop.end();
  }
}

function failureOf(error: unknown): TrainerFailure {
  const known = error instanceof CptError ? error : null;
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: isAllocationFailure(message) ? 'CPT_MEMORY' : (known?.code ?? 'CPT_TRAIN'),
    message,
    hint: known?.hint ?? null,
    retryable: known?.retryable ?? false,
  };
}

/** One after the other: a task waits for a measurement, and a measurement for a task. */
let handled = Promise.resolve();
process.on('message', (message: ToTrainer) => {
  if (message.kind === 'stop') {
    if (!stop.ask()) process.exit(0);
    return;
  }
  handled = handled.then(() => handle(message));
});
process.on('disconnect', () => process.exit(0));
// A terminal and some supervisors signal the whole group: the pipeline decides when its trainer ends.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
