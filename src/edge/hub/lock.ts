/** One process at a time fetches a model into a cache; the others wait and then find it there. */
import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { diskError } from '../disk.ts';
import { makeFolder } from '../files.ts';

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once where another process holds it. */
  readonly onWait: () => void;
  /** How often the holder shows that it lives, milliseconds. */
  readonly beat?: number;
}

const BEAT = 2000;
/** Beats that may be missed: a cache on a network drive has clocks of several machines. */
const MISSED = 15;

/**
 * Runs `work` while holding the lock. A holder that died on this machine is noticed at once, one elsewhere by its
 * silence. Should two ever hold it (a machine that slept), no harm is done: both write the same bytes to the same
 * places, and what they wrote is hashed before it counts.
 */
export async function withLock<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const { beat = BEAT, onWait, signal } = options;
  const mine = `${hostname()} ${process.pid}\n`;
  await makeFolder(dirname(file));
  for (let waited = false; !(await taken(file, mine)); ) {
    if (await abandoned(file, beat * MISSED)) await rm(file, { force: true });
    else {
      if (!waited) onWait();
      waited = true;
      await sleep(Math.min(beat, 500), undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
  const timer = setInterval(() => void utimes(file, new Date(), new Date()).catch(() => {}), beat);
  timer.unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await rm(file, { force: true });
  }
}

async function taken(file: string, mine: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(mine);
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw diskError(error, file, 'CPT_HUB');
  }
}

async function abandoned(file: string, silence: number): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found === null) return false; // just given back
  const [host, pid] = (await readFile(file, 'utf8').catch(() => '')).trim().split(' ');
  if (host === hostname() && pid !== undefined && /^\d+$/.test(pid) && !alive(Number(pid))) return true;
  return Date.now() - found.mtimeMs > silence;
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
