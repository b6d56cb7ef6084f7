/** One process at a time runs on a state folder; a lock left by a killed process is taken over. */
import fs from 'node:fs';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';

/**
 * Takes the lock of a folder, which is made where it does not exist.
 * @returns a function that gives it back
 * @throws CptError CPT_STATE_LOCKED where a living process holds it, CPT_STATE, CPT_DISK_FULL
 */
export function lockState(folder: string): () => void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw diskError(error, `The state folder ${folder}`, 'CPT_STATE');
  }
  const file = path.join(folder, 'lock');
  const mine = `${process.pid} ${startOf(process.pid) ?? '-'}\n`;
  for (let attempt = 0; ; attempt++) {
    try {
      fs.writeFileSync(file, mine, { flag: 'wx' });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw diskError(error, file, 'CPT_STATE');
    }
    const holder = read(file);
    if (attempt > 2 || (holder !== null && alive(holder))) {
      throw new CptError('CPT_STATE_LOCKED', `Process ${holder?.pid ?? '?'} already runs on ${folder}.`, {
        hint: 'Stop it first, or give this run another --state.',
        retryable: true,
      });
    }
    fs.rmSync(file, { force: true });
  }
  return () => {
    if (safeRead(file) === mine) fs.rmSync(file, { force: true });
  };
}

/** Who holds a folder, or held it and is gone; null where nobody does. */
export function holderOf(folder: string): { readonly pid: number; readonly alive: boolean } | null {
  const holder = read(path.join(folder, 'lock'));
  return holder === null ? null : { pid: holder.pid, alive: alive(holder) };
}

interface Holder {
  readonly pid: number;
  readonly start: string;
}

function read(file: string): Holder | null {
  const [pid, start] = (safeRead(file) ?? '').trim().split(' ');
  return pid !== undefined && /^\d+$/.test(pid) ? { pid: Number(pid), start: start ?? '-' } : null;
}

function safeRead(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

/** A process counts as the holder only where its start time is the recorded one: process ids are used again. */
function alive({ pid, start }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return now === null || start === '-' || now === start;
}

/** Start time of a process in clock ticks since boot, where the system tells (Linux). */
function startOf(pid: number): string | null {
  const stat = safeRead(`/proc/${pid}/stat`);
  // the second field may hold spaces; fields are counted behind its closing bracket
  return stat === null ? null : (stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null);
}
