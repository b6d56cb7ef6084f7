/** What a state folder holds, told without its lock and without changing it, beside a process that runs on it. */
import fs from 'node:fs';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import type { Widths } from '../../plugin/kept.ts';
import { type Pin, readPin } from '../hub/pin.ts';
import { sizeBelow } from '../size.ts';
import { STATE_VERSION } from '../state/identity.ts';
import { holderOf } from '../state/lock.ts';
import { readRoot, STATE_FILE } from '../state/root.ts';
import { LineageFolder } from '../trainer/lineage-folder.ts';
import { savedStep } from '../trainer/step-state.ts';
import { type Part, readRows, type StateRows } from './rows.ts';

export interface TrainedSegment {
  readonly task: number;
  readonly domain: string;
  readonly version: number;
  readonly retired: boolean;
  readonly bytes: number;
}

export interface StateInspection extends StateRows {
  readonly folder: string;
  /** Whether the version is the one that this program runs on. */
  readonly current: boolean;
  /** The hub's model that it was begun on. */
  readonly base: Pin | null;
  /** Who holds the lock; not alive: it was killed. */
  readonly holder: ReturnType<typeof holderOf>;
  readonly segments: readonly TrainedSegment[];
  /** First-layer neurons by plugin, after the newest task; null before the first. */
  readonly widths: Widths | null;
  /** What a running or interrupted task has saved. */
  readonly saved: ReturnType<typeof savedStep>;
  /** On disk, of all files. */
  readonly bytes: number;
  /** Parts that could not be read, and why. */
  readonly unread: readonly string[];
}

/**
 * The state folders that a path means: itself, or those in it. None where it is neither.
 * @throws CptError CPT_STATE where it cannot be read
 */
export function stateFolders(folder: string): string[] {
  const isState = (place: string) => fs.existsSync(path.join(place, STATE_FILE));
  if (isState(folder)) return [folder];
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .sort()
    .map((name) => path.join(folder, name))
    .filter(isState);
}

/** @throws CptError CPT_STATE where it is not a state folder */
export async function inspectState(folder: string): Promise<StateInspection> {
  const unread: string[] = [];
  const part: Part = (name, read, otherwise) => {
    try {
      return read();
    } catch (error) {
      unread.push(`${name}: ${error instanceof CptError ? error.message : 'it has another layout'}`);
      return otherwise;
    }
  };
  const root = readRoot(folder);
  try {
    const rows = readRows(root, part);
    const lineage = path.join(folder, 'lineage');
    const trained = new LineageFolder(lineage);
    const heads = trained.tasks().flatMap((task) => {
      const segment = part(`task ${task} of the lineage`, () => trained.segment(task), null);
      return segment === null ? [] : [segment];
    });
    return {
      folder,
      ...rows,
      current: rows.identity.version === STATE_VERSION,
      base: readPin(folder),
      holder: holderOf(folder),
      segments: heads.map(({ bytes, head: { retired, version } }) => {
        const { task, domain, version: number } = version;
        return { task, domain, version: number, retired, bytes };
      }),
      widths: heads.at(-1)?.head.widths ?? null,
      saved: savedStep(lineage),
      bytes: sizeBelow(folder),
      unread,
    };
  } finally {
    await root.close();
  }
}
