/** The trainer as a child process, so that training never holds up the feed; started again when it ends or hangs. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CptError, ERROR_CODES, type ErrorCode } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import { attemptJob, type Ended, send } from './attempt.ts';
import type {
  FromTrainer,
  OpenSample,
  TrainerDone,
  TrainerFailure,
  TrainerJob,
  TrainerSetup,
} from './protocol.ts';
import { Retries } from './retries.ts';

export interface TrainerProcess {
  /**
   * Trains and publishes one task; the same job again has the same result.
   * @throws CptError what the trainer failed with, CPT_TRAIN where it keeps dying, CPT_HANG where it keeps
   *   hanging, CPT_MEMORY where one block a pass is too much
   */
  run(job: TrainerJob, onEvent: (event: CptEvent) => void): Promise<TrainerDone>;
  /**
   * Asks for the losses on a sample of the open domain, which come as an event, between tasks. One sample at a time.
   * @param make called only where the trainer is free
   * @returns whether it was asked
   */
  measure(make: () => OpenSample): boolean;
  /** Events that came outside of a job, such as TrainerStarted, since the last call. */
  drain(): CptEvent[];
  /** Why the trainer could not be set up, once that is known; no job will run then. */
  readonly failure: CptError | null;
  /**
   * Begins no job any more. A running one fails with CPT_INTERRUPTED once its step is saved; where its steps are done,
   * it is finished.
   */
  stop(): void;
  close(): Promise<void>;
}

export function startTrainer(given: TrainerSetup): TrainerProcess {
  let setup = given;
  let child: ChildProcess | undefined;
  const closing = new AbortController();
  let failure: CptError | null = null;
  let busy = false;
  let measuring = false;
  /** Blocks in one pass, once it is known. */
  let microBatch: number | null = given.options.microBatch || null;
  const outside: CptEvent[] = [];

  const start = (): ChildProcess => {
    if (child?.connected) return child;
    const entry = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url);
    const loader = entry.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
    child = fork(entry, { execArgv: loader, serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
    child.on('message', (message: FromTrainer) => {
      if (message.kind === 'alive') microBatch = message.alive.microBatch ?? microBatch;
      if (message.kind === 'failed' && !busy) failure ??= asError(message.failure);
      if (message.kind === 'measured') measuring = false;
      if (message.kind === 'event' && !busy) outside.push(message.event);
    });
    child.on('exit', () => {
      measuring = false;
    });
    send(child, { kind: 'setup', setup });
    return child;
  };
  const killNow = (): void => void child?.kill('SIGKILL');
  process.on('exit', killNow); // one that hangs would outlive us
  start(); // compiling and the first passages' reading overlap

  return {
    measure(make) {
      if (measuring || closing.signal.aborted || failure !== null || !child?.connected) return false;
      measuring = true;
      send(child, { kind: 'measure', sample: make() });
      return true;
    },
    drain: () => outside.splice(0),
    get failure() {
      return failure;
    },
    async run(job, onEvent) {
      const retries = new Retries(setup.trainer, job.task);
      const { lineage } = setup;
      const watched = {
        lineage,
        limits: setup.trainer,
        onEvent: (event: CptEvent) => {
          if (event.event === 'TaskProgress' || event.event === 'TaskResumed') retries.reached(event.step);
          onEvent(event);
        },
      };
      for (;;) {
        if (failure !== null) throw failure;
        if (closing.signal.aborted) throw stopped();
        const running = start();
        busy = true;
        const outcome = await attemptJob(running, job, watched).finally(() => {
          busy = false;
        });
        if (outcome.kind === 'done') return outcome.done;
        let ended: Ended;
        if (outcome.kind === 'ended') ended = outcome;
        else if (outcome.failure.code !== 'CPT_MEMORY') throw asError(outcome.failure);
        else {
          await end(running, 0);
          ended = { kind: 'ended', of: 'memory', how: outcome.failure.message, memory: null, patience: 0 };
        }
        if (closing.signal.aborted) throw stopped();
        const next = retries.after(ended, microBatch);
        const { task, domain } = job;
        const { code, message } = next;
        onEvent({ event: 'TaskFailed', lineage, task, domain, code, message, willRetry: true });
        if (next.microBatch !== null && next.microBatch !== microBatch) {
          microBatch = next.microBatch;
          setup = { ...setup, options: { ...setup.options, microBatch } };
        }
        await sleep(next.delay, undefined, { signal: closing.signal }).catch(() => {}); // a stop ends it
      }
    },
    stop() {
      closing.abort();
      if (child?.connected) send(child, { kind: 'stop' });
    },
    async close() {
      closing.abort();
      if (child !== undefined) await end(child, 2000);
      process.off('exit', killNow);
    },
  };
}

const stopped = (): CptError => new CptError('CPT_INTERRUPTED', 'The trainer was stopped.');

/** Ends a process: lets it go, and after some milliseconds kills it. */
async function end(child: ChildProcess, patience: number): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  if (child.connected) child.disconnect();
  const late = setTimeout(() => child.kill('SIGKILL'), patience);
  await ended;
  clearTimeout(late);
}

function asError({ code, message, hint, retryable }: TrainerFailure): CptError {
  const known = (ERROR_CODES as readonly string[]).includes(code) ? (code as ErrorCode) : 'CPT_TRAIN';
  return new CptError(known, message, { ...(hint === null ? {} : { hint }), retryable });
}
