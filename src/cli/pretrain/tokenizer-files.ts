/** The files of a tokenizer, as they stand beside a model. */
import fs from 'node:fs';
import path from 'node:path';
import { CptError } from '../../errors.ts';

const NEEDED = 'tokenizer.json';
const BESIDE = ['tokenizer_config.json', 'special_tokens_map.json'];

/**
 * By name; those beside `tokenizer.json` where they are there.
 * @throws CptError CPT_TOKENIZER
 */
export function readTokenizerFiles(folder: string): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const name of [NEEDED, ...BESIDE]) {
    try {
      files[name] = fs.readFileSync(path.join(folder, name), 'utf8');
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (name !== NEEDED && code === 'ENOENT') continue;
      throw new CptError('CPT_TOKENIZER', `${path.join(folder, name)} cannot be read (${code}).`, { cause });
    }
  }
  return files;
}
