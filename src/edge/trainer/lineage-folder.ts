/** The lineage's state on disk: one file a task, each whole or absent. The newest two are kept. */
import fs from 'node:fs';
import path from 'node:path';
import { decodeLineage, encodeLineage, type LineageFile } from '../../train/lineage-file.ts';
import { diskError } from '../disk.ts';
import { type At, writeAtomic } from '../files.ts';

export class LineageFolder {
  readonly #folder: string;
  readonly #at: At;

  constructor(folder: string, at: At = () => {}) {
    this.#folder = folder;
    this.#at = at;
  }

  #file(task: number): string {
    return path.join(this.#folder, `${String(task).padStart(6, '0')}.safetensors`);
  }

  /** The lineage as task number `task` left it, or null. */
  read(task: number): LineageFile | null {
    const file = this.#file(task);
    try {
      return decodeLineage(fs.readFileSync(file), file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw diskError(error, file, 'CPT_STATE');
    }
  }

  /** @throws CptError CPT_DISK_FULL, CPT_STATE */
  async write(task: number, content: LineageFile): Promise<void> {
    await writeAtomic(this.#file(task), [encodeLineage(content)], { at: this.#at });
    // A killed run may still want the task before this one, never the one before that.
    if (task > 2) fs.rmSync(this.#file(task - 2), { force: true });
  }
}
