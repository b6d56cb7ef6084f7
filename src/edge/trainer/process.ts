/** The trainer as a child process, so that training never holds up the feed; started again when it dies. */
import { type ChildProcess, fork } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { CptError, ERROR_CODES, type ErrorCode } from '../../errors.ts';
import type { CptEvent } from '../../events.ts';
import type {
  FromTrainer,
  ToTrainer,
  TrainerDone,
  TrainerFailure,
  TrainerJob,
  TrainerSetup,
} from './protocol.ts';

/** Deaths of the trainer over one job before the run gives up. */
const ATTEMPTS = 10;
const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

export interface TrainerProcess {
  /**
   * Trains and publishes one task; the same job again has the same result.
   * @throws CptError what the trainer failed with, or CPT_TRAIN where it keeps dying
   */
  run(job: TrainerJob, onEvent: (event: CptEvent) => void): Promise<TrainerDone>;
  /** Events that came outside of a job, such as TrainerStarted, since the last call. */
  drain(): CptEvent[];
  /** Why the trainer could not be set up, once that is known; no job will run then. */
  readonly failure: CptError | null;
  close(): Promise<void>;
}

export function startTrainer(setup: TrainerSetup): TrainerProcess {
  let child: ChildProcess | undefined;
  let closing = false;
  let failure: CptError | null = null;
  let busy = false;
  const outside: CptEvent[] = [];

  const start = (): ChildProcess => {
    if (child?.connected) return child;
    const entry = new URL(import.meta.url.endsWith('.ts') ? './child.ts' : './child.js', import.meta.url);
    const loader = entry.pathname.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
    child = fork(entry, { execArgv: loader, serialization: 'advanced', stdio: ['ignore', 2, 2, 'ipc'] });
    child.on('message', (message: FromTrainer) => {
      if (message.kind === 'failed' && !busy) failure ??= asError(message.failure);
      if (message.kind === 'event' && !busy) outside.push(message.event);
    });
    send(child, { kind: 'setup', setup });
    return child;
  };
  start(); // compiling and the first passages' reading overlap

  return {
    drain: () => outside.splice(0),
    get failure() {
      return failure;
    },
    async run(job, onEvent) {
      for (let attempt = 1; ; attempt++) {
        if (failure !== null) throw failure;
        const running = start();
        busy = true;
        const outcome = await attemptJob(running, job, onEvent).finally(() => {
          busy = false;
        });
        if (outcome.kind === 'done') return outcome.done;
        if (outcome.kind === 'failed') throw asError(outcome.failure);
        if (closing) throw new CptError('CPT_INTERRUPTED', 'The trainer was stopped.');
        const again = attempt < ATTEMPTS;
        const { lineage } = setup;
        const { task, domain } = job;
        const message = `The trainer process ended (${outcome.why}).`;
        onEvent({ event: 'TaskFailed', lineage, task, domain, code: 'CPT_TRAIN', message, willRetry: again });
        if (!again) {
          throw new CptError(
            'CPT_TRAIN',
            `The trainer process ended ${attempt} times over task ${task} (${outcome.why}).`,
            {
              hint: 'It may lack memory: lower --batch or --length. Nothing is lost, run the same command again.',
            },
          );
        }
        await sleep(Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)));
      }
    },
    async close() {
      closing = true;
      const running = child;
      if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
      const ended = new Promise<void>((resolve) => running.once('exit', () => resolve()));
      if (running.connected) running.disconnect();
      const late = setTimeout(() => running.kill('SIGKILL'), 2000);
      await ended;
      clearTimeout(late);
    },
  };
}

type Outcome =
  | { readonly kind: 'done'; readonly done: TrainerDone }
  | { readonly kind: 'failed'; readonly failure: TrainerFailure }
  | { readonly kind: 'died'; readonly why: string };

function attemptJob(
  child: ChildProcess,
  job: TrainerJob,
  onEvent: (event: CptEvent) => void,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome): void => {
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(outcome);
    };
    const onMessage = (message: unknown): void => {
      const from = message as FromTrainer;
      if (from.kind === 'event') onEvent(from.event);
      else settle(from);
    };
    const onExit = (code: number | null, signal: string | null): void =>
      settle({ kind: 'died', why: signal ?? `exit status ${code}` });
    child.on('message', onMessage);
    child.on('exit', onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else send(child, { kind: 'job', job });
  });
}

function send(child: ChildProcess, message: ToTrainer): void {
  // a child that just died shows by its exit, not by this write
  child.send(message, () => {});
}

function asError({ code, message, hint, retryable }: TrainerFailure): CptError {
  const known = (ERROR_CODES as readonly string[]).includes(code) ? (code as ErrorCode) : 'CPT_TRAIN';
  return new CptError(known, message, { ...(hint === null ? {} : { hint }), retryable });
}
