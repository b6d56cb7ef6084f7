/**
 * The state of a running task between two of its steps, on disk: one file, replaced whole, gone after the task. A
 * trainer that is started again goes on from it and comes to the same bytes. Everything else that a task depends on is
 * in its inputs, whose hash stands in the file as `key`: a file of other inputs is none.
 */
import fs from 'node:fs';
import path from 'node:path';
import { decodeSafetensors, fromFloat32, safetensorsParts, toFloat32 } from '../../checkpoint/index.ts';
import type { CptError } from '../../errors.ts';
import { KINDS, type Slot } from '../../train/slots.ts';
import type { TaskState } from '../../train/task.ts';
import { diskError } from '../disk.ts';
import { type At, writeAtomic } from '../files.ts';
import { headOf } from './segment-file.ts';

const FORMAT = '1';
/** Saving may take one part in so many of the time. */
const SHARE = 20;

export interface StepStateOptions {
  readonly folder: string;
  /** SHA-256 over all inputs of the task. */
  readonly key: string;
  /** Number of values of each parameter by name. */
  readonly sizes: Readonly<Record<string, number>>;
  /** Seconds between two saves. */
  readonly every: number;
  /** Seconds, from any zero. */
  readonly clock: () => number;
  /** A save failed: the task goes on without. */
  readonly warn: (error: CptError) => void;
  readonly at?: At;
}

export class StepStateFile {
  readonly #options: StepStateOptions;
  readonly #file: string;
  #due: number;

  constructor(options: StepStateOptions) {
    this.#options = options;
    this.#file = fileIn(options.folder);
    this.#due = options.clock() + options.every;
  }

  /** What an earlier attempt at this task saved, or null where there is nothing of use. */
  read(): TaskState | null {
    const { key, sizes } = this.#options;
    try {
      const { tensors, metadata } = decodeSafetensors(fs.readFileSync(this.#file));
      const step = Number(metadata.step);
      if (metadata.format !== FORMAT || metadata.key !== key || !Number.isSafeInteger(step)) return null;
      const slots: Record<string, Slot> = {};
      for (const [name, size] of Object.entries(sizes)) {
        const part = (kind: string) => toFloat32(tensors[`${kind}/${name}`]!);
        const slot = { value: part('value'), first: part('first'), second: part('second') };
        if (KINDS.some((kind) => slot[kind].length !== size)) return null;
        slots[name] = slot;
      }
      return { step, slots };
    } catch {
      return null; // absent or damaged: the task begins anew, which costs time and nothing else
    }
  }

  /**
   * Saves where it is time to, or at once. Never throws: what cannot be saved is told and tried again later.
   * @param atOnce for a task that is about to be left
   */
  async save(step: number, slots: () => Promise<TaskState['slots']>, atOnce = false): Promise<void> {
    const { clock, every, key, warn, at = () => {} } = this.#options;
    const since = clock();
    if (!atOnce && since < this.#due) return;
    const tensors = Object.entries(await slots()).flatMap(([name, slot]) =>
      KINDS.map((kind) => [`${kind}/${name}`, fromFloat32(slot[kind], [slot[kind].length])] as const),
    );
    const metadata = { format: FORMAT, key, step: String(step) };
    try {
      await writeAtomic(this.#file, safetensorsParts(Object.fromEntries(tensors), metadata).chunks);
      at('step-saved');
    } catch (error) {
      warn(diskError(error, this.#file, 'CPT_STATE'));
    }
    this.#due = clock() + Math.max(every, SHARE * (clock() - since));
  }
}

/** How far the running task was saved, without the numbers; null where nothing is saved, or it is damaged. */
export function savedStep(folder: string): { readonly step: number; readonly bytes: number } | null {
  let file: number | undefined;
  try {
    file = fs.openSync(fileIn(folder), 'r');
    const { metadata, size } = headOf(file);
    const step = Number(metadata.step);
    return Number.isSafeInteger(step) ? { step, bytes: size } : null;
  } catch {
    return null;
  } finally {
    if (file !== undefined) fs.closeSync(file);
  }
}

/** For when a task's result is safe. */
export function forgetStepState(folder: string): void {
  fs.rmSync(fileIn(folder), { force: true, recursive: true });
}

const fileIn = (folder: string): string => path.join(folder, 'running.safetensors');
