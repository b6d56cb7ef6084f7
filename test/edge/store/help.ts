/** Folders for tests of the store. */
import { lstat, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after } from 'node:test';
import { sha256 } from '../../../src/checkpoint/index.ts';
import { type Finding, verifyLineage } from '../../../src/edge/store/index.ts';

const made: string[] = [];
after(async () => {
  for (const folder of made) await rm(folder, { recursive: true, force: true });
});

export async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cpt-store-'));
  made.push(folder);
  return folder;
}

/** Every file below a folder by its path, as the hash of its content. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if ((await lstat(path)).isFile()) tree[relative(folder, path)] = sha256(await readFile(path));
  }
  return Object.fromEntries(Object.entries(tree).sort(([a], [b]) => (a < b ? -1 : 1)));
}

export async function findingsOf(folder: string): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const finding of verifyLineage(folder)) findings.push(finding);
  return findings;
}

export async function faultsOf(folder: string): Promise<Record<string, string>> {
  const faults = (await findingsOf(folder)).filter((finding) => finding.fault !== null);
  return Object.fromEntries(faults.map(({ path, fault }) => [path, fault!]));
}
