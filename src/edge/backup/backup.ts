/**
 * A copy of a lineage, its state and what it has published, as one moment left it, while a run may go on. LMDB's copy is
 * a snapshot; it says how many tasks count as trained, and only what these left is taken: their segments, which no
 * later task changes, and the revisions that they name. Refs follow from the segments.
 */
import fs from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { CptError } from '../../errors.ts';
import { diskError } from '../disk.ts';
import { type At, makeFolder, syncFolder, writeAtomic } from '../files.ts';
import { measure } from '../measured.ts';
import type { Meta } from '../state/meta.ts';
import { readRoot, STATE_FILE } from '../state/root.ts';
import { namesIn } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { LineageFolder } from '../trainer/lineage-folder.ts';
import type { Note } from '../trainer/revision-of.ts';
import { copyHashed } from './copy.ts';
import { type BackupFile, type BackupManifest, encodeBackup, MANIFEST } from './manifest.ts';

export interface BackupOptions {
  readonly lineage: string;
  /** Folder of states; this lineage's lies in it. */
  readonly state: string;
  /** Where lineages are published. */
  readonly out: string;
  /** Folder that is made. */
  readonly to: string;
  /** Called at `backup-copied` (all but the manifest) and `backup-complete` (not yet in its place), for crash tests. */
  readonly at?: At;
}

/**
 * @throws CptError CPT_CONFIG where `to` is there already or the checkpoints are elsewhere, CPT_STATE where there is no
 *   such state or a domain is being retired, CPT_VERIFY where something is damaged, CPT_DISK_FULL
 */
export async function backUp(options: BackupOptions): Promise<BackupManifest> {
  const { to, at = () => {} } = options;
  if (fs.existsSync(to)) {
    throw new CptError('CPT_CONFIG', `${to} is there already.`, { hint: 'Give --to a folder that is not.' });
  }
  const draft = `${path.resolve(to)}.${process.pid}.tmp`;
  try {
    await rm(draft, { recursive: true, force: true });
    const manifest = await copyInto(draft, options);
    at('backup-copied');
    await writeAtomic(path.join(draft, MANIFEST), [encodeBackup(manifest)]);
    at('backup-complete');
    await rename(draft, to);
    await syncFolder(path.dirname(path.resolve(to)));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true }).catch(() => {}); // the first failure is the one to tell
    throw diskError(error, to, 'CPT_STATE');
  }
}

async function copyInto(
  draft: string,
  { lineage, state: states, out }: BackupOptions,
): Promise<BackupManifest> {
  const folder = path.join(states, lineage);
  const files: BackupFile[] = [];
  const copy = async (from: string, to: string, most?: number): Promise<BackupFile | null> => {
    const copied = await copyHashed(from, path.join(draft, to), most === undefined ? {} : { most });
    if (copied === null) return null;
    const file = { path: to, ...copied };
    files.push(file);
    return file;
  };
  const store = openStore(out, lineage);
  const withdrawnBefore = await namesIn(store.layout.withdrawn);
  const { trained, deadLetterBytes } = await copyDatabase(folder, path.join(draft, 'state'));
  files.push({ path: `state/${STATE_FILE}`, ...(await measure(path.join(draft, 'state', STATE_FILE)))! });
  await copy(path.join(folder, 'base.json'), 'state/base.json');
  await copy(path.join(folder, 'dead-letters.jsonl'), 'state/dead-letters.jsonl', deadLetterBytes);
  for (let task = 1; task <= trained; task++) {
    const name = `lineage/${String(task).padStart(6, '0')}.safetensors`;
    if ((await copy(path.join(folder, name), `state/${name}`)) === null)
      throw lacking(path.join(folder, name));
  }
  await copy(path.join(folder, 'lineage', 'running.safetensors'), 'state/lineage/running.safetensors');

  const { revisions, refs } = publishedBy(path.join(draft, 'state', 'lineage'), trained);
  const blobs = new Set<string>();
  for (const revision of revisions) {
    if ((await copy(store.layout.manifest(revision), `out/revisions/${revision}.json`)) === null) {
      throw new CptError('CPT_CONFIG', `${out} has no revision ${revision} of ${lineage}.`, {
        hint: 'Give --out the folder that it was published in.',
      });
    }
    for (const { sha256 } of (await store.readManifest(revision)).files) blobs.add(sha256);
  }
  for (const blob of blobs) {
    const file = await copy(store.layout.blob(blob), `out/blobs/sha256/${blob}`);
    if (file?.sha256 !== blob) throw lacking(store.layout.blob(blob));
  }
  for (const [name, revision] of refs) {
    const ref = path.join(draft, 'out', 'refs', name);
    await writeAtomic(ref, [Buffer.from(`${revision}\n`)]);
    files.push({ path: `out/refs/${name}`, ...(await measure(ref))! });
  }
  for (const name of withdrawnBefore) {
    await copy(path.join(store.layout.withdrawn, name), `out/withdrawn/${name}`);
  }
  if ((await namesIn(store.layout.withdrawn)).length !== withdrawnBefore.length) throw retiring(lineage);
  return { format: 1, lineage, trained, files };
}

/** @returns what the copy says of itself */
async function copyDatabase(folder: string, to: string): Promise<Pick<Meta, 'trained' | 'deadLetterBytes'>> {
  await makeFolder(to);
  const root = readRoot(folder);
  try {
    await root.backup(path.join(to, STATE_FILE), true);
  } finally {
    await root.close();
  }
  const copied = readRoot(to);
  try {
    const meta = copied.openDB<unknown, string>('meta', { encoding: 'json' });
    if (meta.get('retirement') !== undefined) throw retiring(path.basename(folder));
    const { trained = 0, deadLetterBytes = 0 } = (meta.get('progress') as Meta | undefined) ?? {};
    return { trained, deadLetterBytes };
  } finally {
    await copied.close();
    await rm(path.join(to, `${STATE_FILE}-lock`), { force: true });
    const file = fs.openSync(path.join(to, STATE_FILE), 'r');
    fs.fsyncSync(file);
    fs.closeSync(file);
  }
}

/** What the tasks have published and was not withdrawn, with the refs as publishing and withdrawing leave them. */
function publishedBy(folder: string, trained: number) {
  const segments = new LineageFolder(folder);
  const revisions: string[] = [];
  const refs = new Map<string, string>();
  for (let task = 1; task <= trained; task++) {
    const { retired, version, note } = segments.segment(task)!.head;
    if (retired) continue;
    const { revision } = note as Note;
    revisions.push(revision);
    for (const ref of [`${version.domain}.${version.version}`, version.domain, 'main'])
      refs.set(ref, revision);
  }
  return { revisions, refs };
}

function lacking(file: string): CptError {
  return new CptError('CPT_VERIFY', `${file} is missing or damaged.`, {
    hint: 'Nothing was backed up. Restore the lineage from an older backup.',
  });
}

function retiring(lineage: string): CptError {
  return new CptError('CPT_STATE', `A domain of ${lineage} is being retired.`, {
    hint: 'Complete the cpt retire, then back up again.',
    retryable: true,
  });
}
