/** Looks at processes and ends them without a word. */
import { execFileSync } from 'node:child_process';

/** Process id of the trainer below a program; tsx has a child of its own beside it. */
export function trainerOf(pid: number): number | undefined {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter((match) => Number(match?.[2]) === pid && /trainer\/child\.[jt]s/.test(match![3]!))
    .map((match) => Number(match![1]))[0];
}

/** @returns whether it was there */
export function kill(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 'SIGKILL');
  } catch {
    return false; // ended by itself just before
  }
}
