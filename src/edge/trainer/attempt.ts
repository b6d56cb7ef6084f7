/** One job in one trainer process, watched: it is done, it fails, or the process ends, of itself or by us. */
import type { ChildProcess } from 'node:child_process';
import type { CptEvent } from '../../events.ts';
import { diedOfMemory, memoryKills, memoryOfMachine, residentMemory } from './memory.ts';
import type { FromTrainer, ToTrainer, TrainerDone, TrainerFailure, TrainerJob } from './protocol.ts';
import { type Limits, Vigil } from './vigil.ts';

const LOOK_EVERY_MS = 250;
const MEASURE_EVERY_MS = 2000;

export type Outcome =
  | { readonly kind: 'done'; readonly done: TrainerDone }
  | { readonly kind: 'failed'; readonly failure: TrainerFailure }
  | Ended;

/** The process is gone. */
export interface Ended {
  readonly kind: 'ended';
  readonly of: 'memory' | 'hang' | 'death';
  /** A signal or an exit status. */
  readonly how: string;
  /** Resident memory when it was last looked at, bytes. */
  readonly memory: number | null;
  /** Seconds for which it may have been silent. */
  readonly patience: number;
}

export interface Watched {
  readonly lineage: string;
  readonly limits: Limits;
  readonly onEvent: (event: CptEvent) => void;
}

export function attemptJob(
  child: ChildProcess,
  job: TrainerJob,
  { lineage, limits, onEvent }: Watched,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const vigil = new Vigil(limits);
    const killsBefore = memoryKills();
    let memory: number | null = null;
    let wrong: 'memory' | 'hang' | null = null;
    let looked = performance.now();
    let measured = Number.NEGATIVE_INFINITY;
    let microBatch: number | null = null;

    const look = (): void => {
      const now = performance.now();
      memory = residentMemory(child.pid!) ?? memory;
      wrong ??= vigil.look({ elapsed: (now - looked) / 1000, memory });
      looked = now;
      if (wrong !== null) child.kill('SIGKILL');
      if (now - measured < MEASURE_EVERY_MS || memory === null || microBatch === null) return;
      measured = now;
      onEvent({ event: 'TrainerMeasured', lineage, memory, microBatch });
    };
    const settle = (outcome: Outcome): void => {
      clearInterval(timer);
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(outcome);
    };
    const onMessage = (message: unknown): void => {
      const from = message as FromTrainer;
      if (from.kind === 'event') onEvent(from.event);
      else if (from.kind === 'alive') {
        vigil.alive(from.alive.ahead);
        memory = from.alive.memory; // all there is where there is no /proc
        microBatch = from.alive.microBatch;
      } else if (from.kind !== 'measured') settle(from);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      const kills = [killsBefore, memoryKills()] as const;
      const starved = diedOfMemory({ signal, memory, kills, machine: memoryOfMachine() });
      settle({
        kind: 'ended',
        of: wrong ?? (starved ? 'memory' : 'death'),
        how: signal ?? `exit status ${code}`,
        memory,
        patience: vigil.patience,
      });
    };
    const timer = setInterval(look, LOOK_EVERY_MS);
    child.on('message', onMessage);
    child.on('exit', onExit);
    if (child.exitCode !== null || child.signalCode !== null) onExit(child.exitCode, child.signalCode);
    else send(child, { kind: 'job', job });
  });
}

export function send(child: ChildProcess, message: ToTrainer): void {
  // a child that just died shows by its exit, not by this write
  child.send(message, () => {});
}
