/** The lineage's state on disk: one file a task, each whole or absent. The newest two are kept. */
import fs from 'node:fs';
import path from 'node:path';
import { decodeLineage, encodeLineage, type LineageFile } from '../../train/lineage-file.ts';
import { diskError } from '../disk.ts';
import { writeAtomically } from '../files.ts';

export class LineageFolder {
  readonly #folder: string;
  readonly #at: (point: string) => void;

  constructor(folder: string, at: (point: string) => void = () => {}) {
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
  write(task: number, content: LineageFile): void {
    writeAtomically(this.#file(task), encodeLineage(content), 'CPT_STATE', this.#at);
    // A killed run may still want the task before this one, never the one before that.
    if (task > 2) fs.rmSync(this.#file(task - 2), { force: true });
  }
}
