/**
 * Puts a backup in place where nothing is: everything is copied beside its place and checked first, and the state, without
 * which nothing runs, moves in last.
 */
import fs from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { type At, makeFolder, syncFolder } from '../files.ts';
import { measure } from '../measured.ts';
import { identityIn } from '../state/identity.ts';
import { readRoot, STATE_FILE } from '../state/root.ts';
import { copyHashed } from './copy.ts';
import { type BackupFile, type BackupManifest, readBackup } from './manifest.ts';

export interface RestoreOptions {
  /** What `backUp` made. */
  readonly from: string;
  readonly state: string;
  readonly out: string;
  /** Called at `restore-checked`, `restore-published` and `restore-complete`, for crash tests. */
  readonly at?: At;
}

/**
 * @throws CptError CPT_VERIFY where the backup is damaged or hostile, CPT_CONFIG where the lineage is there already,
 *   CPT_STATE, CPT_DISK_FULL; nothing is in place then
 */
export async function restore({ from, state, out, at = () => {} }: RestoreOptions): Promise<BackupManifest> {
  const manifest = await readBackup(from);
  const { lineage, files } = manifest;
  const places = { state: path.join(state, lineage), out: path.join(out, lineage) };
  const published = files.filter(({ path }) => path.startsWith('out/'));
  if (fs.existsSync(places.state)) throw occupied(places.state);
  const restored = fs.existsSync(places.out); // an earlier restore may have been killed between the two
  if (restored && !(await holdsOnly(places.out, published))) throw occupied(places.out);
  const drafts = { state: draftIn(state, lineage), out: draftIn(out, lineage) };
  try {
    for (const draft of Object.values(drafts)) await rm(draft, { recursive: true, force: true });
    for (const file of files) {
      const [part, ...below] = file.path.split('/') as ['state' | 'out', ...string[]];
      const readOnly = /^out\/(blobs|revisions)\//.test(file.path);
      const copied = await copyHashed(path.join(from, file.path), path.join(drafts[part], ...below), {
        readOnly,
      });
      if (copied?.size !== file.size || copied.sha256 !== file.sha256) throw damaged(from, file);
    }
    await checkIdentity(drafts.state, lineage);
    at('restore-checked');
    if (!restored && published.length > 0) await moveIn(drafts.out, places.out);
    at('restore-published');
    await moveIn(drafts.state, places.state);
    at('restore-complete');
    return manifest;
  } catch (error) {
    throw diskError(error, from, 'CPT_STATE');
  } finally {
    for (const draft of Object.values(drafts))
      await rm(draft, { recursive: true, force: true }).catch(() => {});
  }
}

/** On the file system of its place; no lineage can have the name. */
function draftIn(folder: string, lineage: string): string {
  return path.join(folder, `.${lineage}.restoring`);
}

async function moveIn(draft: string, place: string): Promise<void> {
  await makeFolder(path.dirname(place));
  await rename(draft, place);
  await syncFolder(path.dirname(place));
}

async function holdsOnly(folder: string, files: readonly BackupFile[]): Promise<boolean> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  if (entries.filter((entry) => !entry.isDirectory()).length !== files.length) return false;
  for (const { path: name, size, sha256 } of files) {
    const found = await measure(path.join(folder, name.slice('out/'.length)));
    if (found?.size !== size || found.sha256 !== sha256) return false;
  }
  return true;
}

async function checkIdentity(folder: string, lineage: string): Promise<void> {
  const root = readRoot(folder);
  try {
    const found = identityIn(root.openDB<unknown, string>('meta', { encoding: 'json' }))?.lineage;
    if (found === lineage) return;
    throw new CptError('CPT_VERIFY', `The backup's state/${STATE_FILE} is not of lineage ${lineage}.`);
  } finally {
    await root.close();
    await rm(path.join(folder, `${STATE_FILE}-lock`), { force: true });
  }
}

function damaged(from: string, { path: name }: BackupFile): CptError {
  return new CptError('CPT_VERIFY', `${path.join(from, name)} is missing or damaged: nothing was restored.`, {
    hint: 'Restore another backup.',
  });
}

function occupied(place: string): CptError {
  return new CptError('CPT_CONFIG', `${place} is there already.`, {
    hint: 'Move it away, or give another --state and --out.',
  });
}
