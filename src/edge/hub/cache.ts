/**
 * One model in the cache that hub clients share:
 * `models--org--name/{blobs/<hash>, snapshots/<commit>/<file> → blob, refs/<revision>}`
 * (https://huggingface.co/docs/hub/local-cache). Our own addition is `cpt/<commit>.json`: the files that a base of
 * this commit consists of (a sentence encoder: `<commit>.encoder.json`), by which a snapshot is known to be whole
 * without asking anybody.
 */
import { constants } from 'node:fs';
import { copyFile, readdir, readFile, readlink, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { getRepoFolderName } from '@huggingface/hub';
import { isRecord, parseStrictJson } from '../../checkpoint/index.ts';
import { diskError } from '../disk.ts';
import { makeFolder, syncFolder, writeAtomic } from '../files.ts';
import { INDEX, shardNames, WEIGHTS } from '../weight-files.ts';
import type { ListedFile } from './api.ts';
import { isTextFile, NEEDED } from './files.ts';
import { isCommit } from './id.ts';
import type { ModelKind } from './kinds.ts';

const BLOB = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

let serial = 0;

export class ModelCache {
  /** Folder of this model. */
  readonly folder: string;
  readonly lock: string;

  readonly #kind: ModelKind['name'];

  /** @param root folder of the cache */
  constructor(root: string, repo: string, kind: ModelKind['name']) {
    this.#kind = kind;
    const name = getRepoFolderName({ type: 'model', name: repo });
    this.folder = join(root, name);
    this.lock = join(root, '.locks', name, 'cpt.lock');
  }

  snapshot(commit: string): string {
    return join(this.folder, 'snapshots', commit);
  }

  blob({ blob }: ListedFile): string {
    return join(this.folder, 'blobs', blob);
  }

  /** Where a blob grows until it is whole. Other clients use other names, so that nobody writes into it but us. */
  partial({ blob }: ListedFile): string {
    return join(this.folder, 'blobs', `${blob}.cpt.incomplete`);
  }

  /** The commit that a branch or tag was at when it was last fetched, or null. */
  async ref(revision: string): Promise<string | null> {
    const commit = (await textOf(join(this.folder, 'refs', revision)))?.trim() ?? '';
    return isCommit(commit) ? commit : null;
  }

  async setRef(revision: string, commit: string): Promise<void> {
    if (isCommit(revision) || (await this.ref(revision)) === commit) return;
    const file = join(this.folder, 'refs', revision);
    await makeFolder(dirname(file));
    await writeAtomic(file, [Buffer.from(commit)], { temporary: this.folder });
  }

  /** What the model of this commit consists of, where it was recorded. */
  async listing(commit: string): Promise<readonly ListedFile[] | null> {
    const text = await textOf(this.#listing(commit));
    if (text === null) return null;
    try {
      const json = parseStrictJson(Buffer.from(text));
      return Array.isArray(json) && json.length > 0 && json.every(isListedFile) ? json : null;
    } catch {
      return null; // it is asked for again
    }
  }

  async setListing(commit: string, files: readonly ListedFile[]): Promise<void> {
    await writeAtomic(this.#listing(commit), [Buffer.from(JSON.stringify(files))]);
  }

  #listing(commit: string): string {
    return join(
      this.folder,
      'cpt',
      this.#kind === 'base' ? `${commit}.json` : `${commit}.${this.#kind}.json`,
    );
  }

  /** Makes a blob a file of a snapshot: a link as others make them, a copy where there are no links. */
  async place(commit: string, file: ListedFile): Promise<void> {
    const target = join(this.snapshot(commit), file.path);
    const blob = this.blob(file);
    const draft = join(this.folder, `${basename(target)}.${process.pid}-${serial++}.tmp`);
    await makeFolder(dirname(target));
    try {
      await rm(draft, { force: true });
      // relative to where it will stand
      await symlink(relative(dirname(target), blob), draft).catch(() =>
        copyFile(blob, draft, constants.COPYFILE_FICLONE),
      );
      await rename(draft, target);
      await syncFolder(dirname(target));
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {});
      throw diskError(error, target, 'CPT_HUB');
    }
  }

  /**
   * The files of a snapshot that another client made, as far as they make a base; null where they do not. Only those
   * that are links to blobs tell their hash.
   */
  async foreign(commit: string): Promise<readonly ListedFile[] | null> {
    if (this.#kind !== 'base') return null;
    const folder = this.snapshot(commit);
    const names = new Set(await readdir(folder).catch(() => []));
    let weights = [WEIGHTS];
    try {
      const index = names.has(INDEX) ? await readFile(join(folder, INDEX)) : null;
      if (index !== null) weights = shardNames(index, join(folder, INDEX));
    } catch {
      return null;
    }
    if (![...NEEDED, ...weights].every((name) => names.has(name))) return null;
    const files: ListedFile[] = [];
    for (const path of [...[...names].filter(isTextFile), ...weights]) {
      const link = await readlink(join(folder, path)).catch(() => null);
      const found = await stat(join(folder, path)).catch(() => null);
      if (found === null) return null; // a link into nowhere
      const blob = link === null ? '' : basename(link);
      if (found.isFile() && BLOB.test(blob)) files.push({ path, size: found.size, blob });
    }
    return files;
  }
}

function isListedFile(json: unknown): json is ListedFile {
  return (
    isRecord(json) &&
    typeof json.path === 'string' &&
    /^(onnx\/)?[\w-][\w.-]*$/.test(json.path) &&
    typeof json.size === 'number' &&
    typeof json.blob === 'string' &&
    BLOB.test(json.blob)
  );
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}
