/** Where a run's events go for a person or a program: bars, lines or JSON. */
import type { CptEvent } from '../events.ts';
import type { CommandIo } from './command.ts';
import { jsonLine } from './json.ts';
import { linesOf } from './lines.ts';
import { Progress } from './progress.ts';
import { harmless } from './width.ts';

export interface Display {
  show(event: CptEvent): void;
  /** Text that stays: the final report, for example. Not shown with --json. */
  print(lines: readonly string[]): void;
  /** Gives the terminal back; `print` goes on to work. */
  end(): void;
}

export interface DisplayOptions {
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Seconds from any zero. */
  readonly now: () => number;
}

/** Bars on a terminal, lines elsewhere, JSON Lines where they are asked for. */
export function openDisplay(io: CommandIo, { json, env, now }: DisplayOptions): Display {
  const write = (text: string): void => {
    io.stdout.write(text);
  };
  if (json) return { show: (event) => write(jsonLine(event)), print: () => {}, end: () => {} };
  const printPlain = (lines: readonly string[]): void =>
    write(lines.map((line) => `${harmless(line)}\n`).join(''));
  if (!io.isTTY || env.TERM === 'dumb') {
    const lines = linesOf({ steps: true }, now);
    return { show: (event) => printPlain(lines(event)), print: printPlain, end: () => {} };
  }
  const colour = !env.NO_COLOR && env.FORCE_COLOR !== '0';
  const progress = new Progress({ write, columns: () => io.columns, colour, now });
  const timer = setInterval(() => progress.tick(), 500);
  timer.unref();
  const restore = (): void => progress.end();
  process.once('exit', restore); // also where a second signal ends the process at once
  let ended = false;
  return {
    show: (event) => {
      if (!ended) progress.show(event);
    },
    print: (lines) => (ended ? printPlain(lines) : progress.print(lines)),
    end: () => {
      ended = true;
      clearInterval(timer);
      process.removeListener('exit', restore);
      progress.end();
    },
  };
}
