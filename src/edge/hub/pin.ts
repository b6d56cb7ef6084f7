/** Which commit a lineage was begun on: a branch may move, a lineage's base may not. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseStrictJson } from '../../checkpoint/index.ts';
import { writeAtomic } from '../files.ts';
import { isCommit } from './id.ts';

export interface Pin {
  /** As it was named: `org/name@revision`. */
  readonly base: string;
  readonly commit: string;
}

/**
 * The commit that a lineage goes on with, or null where it may take a new one: it has no trained task yet, or was begun
 * on something of another name.
 * @param folder of the lineage's state
 */
export async function pinnedCommit(folder: string, base: string): Promise<string | null> {
  const tasks = await readdir(join(folder, 'lineage')).catch(() => []);
  if (!tasks.some((name) => name.endsWith('.safetensors'))) return null;
  try {
    const pin = parseStrictJson(await readFile(fileOf(folder)));
    if (!isRecord(pin) || pin.base !== base || typeof pin.commit !== 'string') return null;
    return isCommit(pin.commit) ? pin.commit : null;
  } catch {
    return null; // another base than the lineage's is refused by its hash
  }
}

/** @throws CptError CPT_DISK_FULL, CPT_STATE */
export async function writePin(folder: string, { base, commit }: Pin): Promise<void> {
  await writeAtomic(fileOf(folder), [Buffer.from(`${JSON.stringify({ base, commit })}\n`)]);
}

function fileOf(folder: string): string {
  return join(folder, 'base.json');
}
