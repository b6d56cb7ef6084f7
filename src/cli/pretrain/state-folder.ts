/**
 * The state of a pre-training on disk. `state.json` names the newest of two weights files, which are written by
 * turns; so whatever moment it is stopped at, one whole state is there. A weights file is, for each parameter in
 * the order of `sizes`, its value, first and second moment as 32-bit floats.
 */
import fs from 'node:fs';
import path from 'node:path';
import { diskError } from '../../edge/disk.ts';
import { writeAtomic } from '../../edge/files.ts';
import { CptError } from '../../errors.ts';
import type { RobertaConfig } from '../../roberta/config.ts';
import { robertaShapes } from '../../roberta/weights.ts';
import type { CurvePoint, PretrainState } from '../../train/pretrain.ts';
import type { Plan } from './plan.ts';

const KINDS = ['value', 'first', 'second'] as const;

interface StateFile {
  readonly step: number;
  /** Name and number of values of each parameter. */
  readonly sizes: readonly (readonly [string, number])[];
  readonly curve: readonly CurvePoint[];
  /** The weights file, beside this one or absolute. */
  readonly bin: string;
  readonly plan?: Partial<Plan>;
}

export interface SavedState extends PretrainState {
  readonly plan: Partial<Plan>;
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
   * @throws CptError CPT_STATE where it is damaged
   */
  load(): SavedState | null {
    if (!fs.existsSync(this.#file)) return null;
    try {
      const file = JSON.parse(fs.readFileSync(this.#file, 'utf8')) as StateFile;
      const bytes = fs.readFileSync(path.resolve(this.#folder, file.bin));
      this.#turn = file.bin.endsWith('.a.bin') ? 'b' : 'a';
      return { step: file.step, slots: slotsOf(file, bytes), curve: file.curve, plan: file.plan ?? {} };
    } catch (error) {
      throw diskError(error, this.#file, 'CPT_STATE');
    }
  }

  /** @throws CptError CPT_DISK_FULL, CPT_STATE */
  async save({ step, slots, curve }: PretrainState, plan: Plan): Promise<void> {
    const bin = `state.${this.#turn}.bin`;
    const entries = Object.entries(slots);
    const chunks = entries.flatMap(([, slot]) =>
      KINDS.map((kind) => new Uint8Array(slot[kind].buffer, slot[kind].byteOffset, slot[kind].byteLength)),
    );
    const sizes = entries.map(([name, slot]) => [name, slot.value.length] as const);
    const file: StateFile = { step, sizes, curve, bin, plan };
    await writeAtomic(path.join(this.#folder, bin), chunks);
    await writeAtomic(this.#file, [Buffer.from(JSON.stringify(file))]);
    this.#turn = this.#turn === 'a' ? 'b' : 'a';
  }
}

/**
 * Whether a state belongs to a model of these sizes.
 * @throws CptError CPT_STATE where it does not
 */
export function checkFits({ slots }: PretrainState, config: RobertaConfig, folder: string): void {
  for (const [name, shape] of Object.entries(robertaShapes(config))) {
    const wanted = shape.reduce((product, axis) => product * axis, 1);
    const actual = slots[name]?.value.length ?? 0;
    if (actual === wanted) continue;
    throw new CptError('CPT_STATE', `${name} has ${actual} values in ${folder}, not ${wanted}.`, {
      hint: 'Resume with the sizes and the tokenizer that it was begun with.',
    });
  }
}

function slotsOf({ sizes }: StateFile, bytes: Buffer): PretrainState['slots'] {
  const wanted = sizes.reduce((sum, [, size]) => sum + size * KINDS.length * 4, 0);
  if (bytes.length !== wanted) {
    throw new CptError('CPT_STATE', `A weights file has ${bytes.length} bytes, not ${wanted}.`, {
      hint: 'Start anew without --resume, or take the folder from a backup.',
    });
  }
  const slots: Record<string, Record<(typeof KINDS)[number], Float32Array>> = {};
  let at = bytes.byteOffset;
  for (const [name, size] of sizes) {
    const part = (): Float32Array => {
      const values = new Float32Array(bytes.buffer.slice(at, at + size * 4));
      at += size * 4;
      return values;
    };
    slots[name] = { value: part(), first: part(), second: part() };
  }
  return slots;
}
