/** Which commit a lineage was begun on: a branch may move, a lineage's base may not. */
import { readdirSync, readFileSync } from 'node:fs';
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
export function pinnedCommit(folder: string, base: string): string | null {
  const pin = hasBegun(folder) ? readPin(folder) : null;
  return pin?.base === base ? pin.commit : null;
}

/**
 * Binds a lineage to what it is being begun on; one that has begun stays as it is, whatever it is tried on.
 * @throws CptError CPT_DISK_FULL, CPT_STATE
 */
export async function writePin(folder: string, { base, commit }: Pin): Promise<void> {
  if (hasBegun(folder)) return;
  await writeAtomic(fileOf(folder), [Buffer.from(`${JSON.stringify({ base, commit })}\n`)]);
}

/** What a lineage was begun on, where that came from a hub. */
export function readPin(folder: string): Pin | null {
  try {
    const json = parseStrictJson(readFileSync(fileOf(folder)));
    if (!isRecord(json) || typeof json.base !== 'string' || typeof json.commit !== 'string') return null;
    return isCommit(json.commit) ? { base: json.base, commit: json.commit } : null;
  } catch {
    return null; // a base that is not the lineage's is refused by its hash
  }
}

function hasBegun(folder: string): boolean {
  try {
    return readdirSync(join(folder, 'lineage')).some((name) => name.endsWith('.safetensors'));
  } catch {
    return false;
  }
}

function fileOf(folder: string): string {
  return join(folder, 'base.json');
}
