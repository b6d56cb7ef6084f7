/** What stands beside a model's weights, kept with the state: whoever goes on or exports needs no other folder. */
import fs from 'node:fs';
import path from 'node:path';
import { writeAtomic } from '../../edge/files.ts';
import { CptError } from '../../errors.ts';

export type ModelFiles = Readonly<Record<string, string>>;

export const TOKENIZER = 'tokenizer.json';
const BESIDE = ['tokenizer_config.json', 'special_tokens_map.json', 'LICENSE'];

/**
 * A tokenizer's files by name; those beside `tokenizer.json` where they are there.
 * @throws CptError CPT_TOKENIZER
 */
export function readModelFiles(folder: string): ModelFiles {
  const files: Record<string, string> = {};
  for (const name of [TOKENIZER, ...BESIDE]) {
    try {
      files[name] = fs.readFileSync(path.join(folder, name), 'utf8');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (name !== TOKENIZER && code === 'ENOENT') continue;
      throw new CptError('CPT_TOKENIZER', `${path.join(folder, name)} cannot be read (${code}).`, { cause });
    }
  }
  return files;
}

/** @throws CptError CPT_DISK_FULL, CPT_STATE */
export async function writeModelFiles(folder: string, files: ModelFiles): Promise<void> {
  for (const [name, text] of Object.entries(files))
    await writeAtomic(path.join(folder, name), [Buffer.from(text)]);
}
