/** A role of the real command line as a process, and what it tells. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CptEvent } from '../../../src/events.ts';
import { trainerOf } from '../../fixtures/processes.ts';

export interface RoleProcess {
  readonly child: ChildProcess;
  readonly told: CptEvent[];
  /** Resolves once it has told something. */
  until(what: (event: CptEvent) => boolean): Promise<void>;
  /** Resolves with its exit status, null after a signal. */
  readonly ended: Promise<number | null>;
  errors(): string;
  /** Asks it to stop. */
  stop(): Promise<void>;
}

export function startRole(role: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): RoleProcess {
  const command = ['--import', 'tsx', 'src/cli/main.ts', 'run', '--role', role, '--json'];
  const child = spawn(process.execPath, [...command, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const told: CptEvent[] = [];
  let errors = '';
  let rest = '';
  let look = (): void => {};
  child.stderr.on('data', (data) => (errors += data));
  child.stdout.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n');
    rest = lines.pop()!;
    told.push(...lines.map((line) => JSON.parse(line) as CptEvent));
    look();
  });
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return {
    child,
    told,
    ended,
    errors: () => errors,
    until: (what) =>
      new Promise((resolve, reject) => {
        look = () => told.some(what) && resolve();
        look();
        ended.then(() => reject(new Error(`${role} ended: ${errors}`)));
      }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The process and its trainer. */
export function signal({ child }: RoleProcess, name: 'SIGSTOP' | 'SIGCONT'): void {
  process.kill(child.pid!, name); // it first: a task may be short
  const trainer = trainerOf(child.pid!);
  if (trainer !== undefined) process.kill(trainer, name);
}
