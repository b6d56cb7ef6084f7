/**
 * The state of a pre-training on disk. `state.json` names the newest of two weights files, which are written by
 * turns; so whatever moment it is stopped at, one whole state is there. A weights file is, for each parameter in
 * the order of `sizes`, its value, first and second moment as 32-bit floats; then the average of each parameter that
 * `averaged` names.
 */
import fs from 'node:fs';
import path from 'node:path';
import { bytesOf } from '../../checkpoint/index.ts';
import { diskError } from '../../edge/disk.ts';
import { writeAtomic } from '../../edge/files.ts';
import { CptError } from '../../errors.ts';
import type { RobertaConfig } from '../../roberta/config.ts';
import { robertaShapes } from '../../roberta/weights.ts';
import type { PretrainState } from '../../train/pretrain.ts';
import { KINDS, type Slot } from '../../train/slots.ts';
import type { About } from './about.ts';
import type { Course } from './plan.ts';

const FORMAT = 2;

export interface SavedState extends PretrainState {
  readonly config: RobertaConfig;
  readonly seed: string;
  readonly about: About;
  /** What was asked for when the newest rounds were planned. */
  readonly course: Course;
}

interface StateFile extends Omit<SavedState, 'slots' | 'average'> {
  readonly format: typeof FORMAT;
  /** Name and number of values of each parameter. */
  readonly sizes: readonly (readonly [string, number])[];
  readonly averaged: readonly string[];
  /** The weights file, beside this one. */
  readonly bin: string;
}

export class StateFolder {
  readonly #folder: string;
  #turn: 'a' | 'b' = 'a';

  constructor(folder: string) {
    this.#folder = folder;
  }

  get #file(): string {
    return path.join(this.#folder, 'state.json');
  }

  /**
   * The saved state, or null where there is none.
   * @throws CptError CPT_STATE where it is damaged, CPT_STATE_VERSION where another version wrote it
   */
  load(): SavedState | null {
    if (!fs.existsSync(this.#file)) return null;
    try {
      const file = JSON.parse(fs.readFileSync(this.#file, 'utf8')) as StateFile;
      if (file.format !== FORMAT) throw this.#foreign();
      const { format: _, sizes, averaged, bin, ...state } = file;
      const values = split(fs.readFileSync(path.join(this.#folder, path.basename(bin))), file);
      this.#turn = bin.endsWith('.a.bin') ? 'b' : 'a';
      checkFits(sizes, state.config, this.#folder);
      return { ...state, ...values };
    } catch (error) {
      throw diskError(error, this.#file, 'CPT_STATE');
    }
  }

  /** @throws CptError CPT_DISK_FULL, CPT_STATE */
  async save({ slots, average, ...state }: SavedState): Promise<void> {
    const bin = `state.${this.#turn}.bin`;
    const entries = Object.entries(slots);
    const chunks = entries.flatMap(([, slot]) => KINDS.map((kind) => bytesOf(slot[kind])));
    const means = Object.entries(average ?? {});
    const sizes = entries.map(([name, slot]) => [name, slot.value.length] as const);
    const file: StateFile = { format: FORMAT, ...state, sizes, averaged: means.map(([name]) => name), bin };
    await writeAtomic(path.join(this.#folder, bin), [...chunks, ...means.map(([, mean]) => bytesOf(mean))]);
    await writeAtomic(this.#file, [Buffer.from(JSON.stringify(file))]);
    this.#turn = this.#turn === 'a' ? 'b' : 'a';
  }

  #foreign(): CptError {
    return new CptError('CPT_STATE_VERSION', `${this.#folder} was written by another version.`, {
      hint: 'Start anew in another --work folder.',
    });
  }
}

function checkFits(sizes: StateFile['sizes'], config: RobertaConfig, folder: string): void {
  const actual = new Map(sizes);
  for (const [name, shape] of Object.entries(robertaShapes(config))) {
    const wanted = shape.reduce((product, axis) => product * axis, 1);
    if (actual.get(name) === wanted) continue;
    throw new CptError(
      'CPT_STATE',
      `${name} has ${actual.get(name) ?? 0} values in ${folder}, not ${wanted}.`,
    );
  }
}

function split(bytes: Buffer, { sizes, averaged }: StateFile): Pick<SavedState, 'slots' | 'average'> {
  const sizeOf = new Map(sizes);
  const kept = averaged.map((name) => [name, sizeOf.get(name) ?? 0] as const);
  const count = (list: readonly (readonly [string, number])[]) =>
    list.reduce((sum, [, size]) => sum + size, 0);
  const wanted = 4 * (KINDS.length * count(sizes) + count(kept));
  if (bytes.length !== wanted) {
    throw new CptError('CPT_STATE', `A weights file has ${bytes.length} bytes, not ${wanted}.`, {
      hint: 'Start anew without --resume, or take the folder from a backup.',
    });
  }
  let at = bytes.byteOffset;
  const part = (size: number): Float32Array => {
    const values = new Float32Array(bytes.buffer.slice(at, at + size * 4));
    at += size * 4;
    return values;
  };
  const slots: Record<string, Slot> = {};
  for (const [name, size] of sizes)
    slots[name] = { value: part(size), first: part(size), second: part(size) };
  const average = Object.fromEntries(kept.map(([name, size]) => [name, part(size)]));
  return { slots, average: averaged.length === 0 ? null : average };
}
