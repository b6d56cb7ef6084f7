/** The trainer process: trains and publishes one task at a time, and ends with the pipeline that started it. */
import { CptError } from '../../errors.ts';
import { crashPoints } from '../crash.ts';
import type { FromTrainer, ToTrainer, TrainerFailure } from './protocol.ts';
import { openWorker, type Worker } from './worker.ts';

function send(message: FromTrainer): void {
  process.send?.(message);
}

let worker: Promise<Worker> | undefined;

async function handle(message: ToTrainer): Promise<void> {
  if (message.kind === 'setup') {
    const at = crashPoints(process.env.CPT_CRASH_TRAINER_AT);
    worker = openWorker(message.setup, (event) => send({ kind: 'event', event }), at);
    worker.catch((error: unknown) => send({ kind: 'failed', failure: failureOf(error) }));
    return;
  }
  const open = await worker!.catch(() => null); // that it failed was said already
  if (open === null) return;
  try {
    send({ kind: 'done', done: await open.run(message.job) });
  } catch (error) {
    send({ kind: 'failed', failure: failureOf(error) });
  }
}

function failureOf(error: unknown): TrainerFailure {
  const known = error instanceof CptError ? error : null;
  return {
    code: known?.code ?? 'CPT_TRAIN',
    message: known?.message ?? (error instanceof Error ? error.message : String(error)),
    hint: known?.hint ?? null,
    retryable: known?.retryable ?? false,
  };
}

process.on('message', (message: ToTrainer) => void handle(message));
process.on('disconnect', () => process.exit(0));
// The terminal sends ^C to the whole group: the pipeline decides when its trainer ends.
process.on('SIGINT', () => {});
