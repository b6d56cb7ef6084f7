/** Looks at the state folder: what is in it already, and whether the place is one for LMDB. */

import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { inspectState, type StateInspection, stateFolders } from '../../edge/inspect/state.ts';
import { STATE_VERSION } from '../../edge/state/identity.ts';
import { migrates } from '../../edge/state/migrate.ts';
import { openRoot } from '../../edge/state/root.ts';
import { CptError } from '../../errors.ts';
import type { Check } from '../doctor.ts';
import { count, counted } from '../format.ts';
import { nearestFolder } from './machine.ts';

/** Below it a lineage of a few hundred domains may not fit; some file systems have no such number. */
const INODES_LEAST = 10_000;
/** Clock of the file system against this machine's, seconds. */
const APART_MOST = 5;
/** Years that a clock can be in. */
const SANE = [2025, 2100] as const;

/** The lineage's state, where it has one. */
export async function stateCheck(folder: string): Promise<Check> {
  const name = 'state';
  if (stateFolders(folder)[0] !== folder)
    return { name, standing: 'ok', detail: `${folder}: a new one is made` };
  try {
    return stateStanding(await inspectState(folder));
  } catch (error) {
    const detail = error instanceof CptError ? error.toLine() : String(error);
    return { name, standing: 'missing', detail };
  }
}

export function stateStanding(
  state: Pick<StateInspection, 'folder' | 'identity' | 'holder' | 'unread' | 'segments'>,
): Check {
  const name = 'state';
  const { folder, identity, holder, unread, segments } = state;
  const { version } = identity;
  const what = `${folder}: version ${String(version)}, ${counted(segments.length, 'trained task')}`;
  if (version !== STATE_VERSION) {
    if (migrates(version)) {
      return {
        name,
        standing: 'note',
        detail: `${what}; a run moves it to version ${STATE_VERSION}: back it up first`,
      };
    }
    const detail = `${what}; this program runs on version ${STATE_VERSION}: give another --state, or run the one that wrote it`;
    return { name, standing: 'missing', detail };
  }
  if (unread.length > 0)
    return { name, standing: 'missing', detail: `${what}; not readable: ${unread.join('; ')}` };
  if (holder?.alive) {
    return {
      name,
      standing: 'note',
      detail: `${what}; process ${holder.pid} runs on it: a second one is refused`,
    };
  }
  return { name, standing: 'ok', detail: what };
}

/** Writes a small database where the state is or will be, reads it, and takes it away. */
export async function databaseChecks(folder: string, now: () => number): Promise<Check[]> {
  const name = 'state database';
  let probe: string | undefined;
  try {
    const place = await nearestFolder(folder);
    probe = await mkdtemp(path.join(place, '.cpt-doctor-'));
    const root = openRoot(probe);
    try {
      root.putSync('probe', 'works');
      if (root.get('probe') !== 'works') throw new Error('what was written is not what is read');
    } finally {
      await root.close();
    }
    const { files, ffree } = await statfs(place);
    const short = files > 0 && ffree < INODES_LEAST;
    const detail = short ? `only ${count(ffree)} more files fit` : 'LMDB works there';
    const file = path.join(probe, 'clock');
    const before = now();
    await writeFile(file, '');
    const apart = (await stat(file)).mtimeMs / 1000 - before;
    return [
      { name, standing: short ? 'note' : 'ok', detail: `${folder}: ${detail}` },
      clockCheck(before, apart),
    ];
  } catch (error) {
    const detail = `${folder}: LMDB cannot be used (${(error as Error).message}); give a folder on a local disk with --state`;
    return [{ name, standing: 'missing', detail }];
  } finally {
    if (probe !== undefined && existsSync(probe)) await rm(probe, { recursive: true, force: true });
  }
}

/** @param now seconds since 1970. @param apart seconds by which the file system's clock is ahead */
export function clockCheck(now: number, apart: number): Check {
  const name = 'clock';
  const at = new Date(now * 1000);
  const year = at.getUTCFullYear();
  const detail = at.toISOString();
  if (!(year >= SANE[0] && year <= SANE[1])) return { name, standing: 'note', detail: `${detail}: set it` };
  if (Math.abs(apart) <= APART_MOST) return { name, standing: 'ok', detail };
  const ahead = apart > 0 ? 'ahead' : 'behind';
  return {
    name,
    standing: 'note',
    detail: `${detail}; the state's disk is ${count(Math.abs(apart))} s ${ahead}`,
  };
}

/** @param told by `timedatectl`; null where it does not tell */
export function timeSyncCheck(told: string | null): Check {
  const name = 'clock is set by';
  if (told === 'yes') return { name, standing: 'ok', detail: 'a time server' };
  const detail = told === 'no' ? 'nobody: no time server is followed' : 'not told on this machine';
  return { name, standing: told === 'no' ? 'note' : 'ok', detail };
}
