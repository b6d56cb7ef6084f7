/** The whole program as a process that is stopped, for tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { CptEvent } from '../../src/events.ts';
import { tinyFlags } from '../fixtures/tiny-base.ts';

export interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly errors: string;
}

export interface Program {
  readonly child: ChildProcess;
  readonly events: readonly CptEvent[];
  /** Resolves with the first event that fits, also one that came before; rejects where the program ends without. */
  seen(fits: (event: CptEvent) => boolean): Promise<CptEvent>;
  readonly ended: Promise<Ended>;
}

/** `cpt run` on a state and an output below `place`. */
export function startRun(place: string, ...flags: string[]): Program {
  const places = ['--state', path.join(place, 'state'), '--out', path.join(place, 'out')];
  const args = ['run', '--lineage', 'l', '--json', ...places, ...tinyFlags, ...flags];
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const events: CptEvent[] = [];
  let look = (): void => {};
  let errors = '';
  createInterface({ input: child.stdout! }).on('line', (line) => {
    events.push(JSON.parse(line) as CptEvent);
    look();
  });
  child.stderr!.on('data', (data) => {
    errors += String(data);
  });
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (status, signal) => resolve({ status, signal, errors })),
  );
  return {
    child,
    events,
    ended,
    seen: (fits) =>
      new Promise((resolve, reject) => {
        look = () => {
          const found = events.find(fits);
          if (found !== undefined) resolve(found);
        };
        look();
        void ended.then(() => reject(new Error(`it ended before: ${errors}`)));
      }),
  };
}
