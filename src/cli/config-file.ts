/** Reads the settings file. */
import { readFile } from 'node:fs/promises';
import { CptError } from '../errors.ts';

export const CONFIG_FILE = 'cpt.config.json';

/**
 * @param named the file that a person named; without one the usual file is read where it exists
 * @throws CptError CPT_CONFIG where a named file is missing, or any is not JSON
 */
export async function readConfigFile(
  named: string | undefined,
): Promise<{ name: string; json: unknown } | null> {
  const name = named ?? CONFIG_FILE;
  let text: string;
  try {
    text = await readFile(name, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (named === undefined && code === 'ENOENT') return null;
    throw new CptError('CPT_CONFIG', `The settings file ${name} cannot be read (${code}).`, { cause });
  }
  try {
    return { name, json: JSON.parse(text.replace(/^\uFEFF/, '')) as unknown };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CptError('CPT_CONFIG', `The settings file ${name} is not JSON: ${why}.`, { cause });
  }
}
