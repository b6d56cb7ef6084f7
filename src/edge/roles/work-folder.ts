/** A trainer's own copy of a lineage: what the store has of its state, and where its tasks are published first. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileContent, getToFile } from '../objects/checked.ts';
import type { Head } from '../objects/head.ts';
import { lineageKeys } from '../objects/keys.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { namesIn } from '../store/read.ts';
import { openStore } from '../store/store.ts';
import { segmentName } from '../trainer/lineage-folder.ts';

export class WorkFolder {
  readonly #root: string;
  /** SHA-256 of the segments that are known to be there, by lineage and task. */
  readonly #known = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Of the lineage's state, as a trainer wants it. */
  state(lineage: string): string {
    return join(this.#root, lineage, 'lineage');
  }

  /** Of published lineages. */
  get out(): string {
    return join(this.#root, '_out'); // no lineage has such a name
  }

  segment(lineage: string, task: number): string {
    return join(this.state(lineage), segmentName(task));
  }

  /**
   * Brings the state up to date: what lacks or differs is fetched, what no head knows goes.
   * @returns whether a file changed that a trainer may have open
   * @throws CptError CPT_STORE, CPT_DISK_FULL
   */
  async update(store: ObjectStore, head: Head): Promise<boolean> {
    const { lineage, tasks } = head;
    const keys = lineageKeys(lineage);
    let changed = false;
    for (const [at, { segment }] of tasks.entries()) {
      const file = this.segment(lineage, at + 1);
      if (this.#known.get(file) !== segment.sha256) {
        const here = await fileContent(file);
        if (here?.sha256 !== segment.sha256) {
          await getToFile(store, keys.segment(segment.sha256), file, segment);
          changed = true;
        }
      }
      this.#known.set(file, segment.sha256);
    }
    for (const name of await namesIn(this.state(lineage))) {
      // the next task's may be there: a crash came between its training and its head
      const beyond = /^(\d+)\.safetensors$/.exec(name)?.[1];
      const most = changed ? tasks.length : tasks.length + 1;
      if (beyond === undefined || Number(beyond) <= most) continue;
      await rm(join(this.state(lineage), name), { force: true });
      changed = true;
    }
    return changed;
  }

  /** Drops what the newest revision does not need: the store has it. */
  async prune(lineage: string, revision: string): Promise<void> {
    const { layout, readManifest } = openStore(this.out, lineage);
    const needed = new Set((await readManifest(revision)).files.map(({ sha256 }) => sha256));
    for (const name of await readdir(layout.blobs)) {
      if (!needed.has(name)) await rm(join(layout.blobs, name), { force: true });
    }
    for (const name of await readdir(layout.revisions)) {
      if (name !== `${revision}.json`) await rm(join(layout.revisions, name), { force: true });
    }
  }
}
