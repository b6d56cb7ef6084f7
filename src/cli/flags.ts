/** The values of a command's own flags, checked. */
import { CptError } from '../errors.ts';
import type { CommandArgs } from './command.ts';

type Flags = CommandArgs['flags'];

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** @throws CptError CPT_USAGE where it is not such a number */
export function numberFlag(flags: Flags, name: string, range: NumberRange): number | undefined {
  const given = flags[name];
  if (given === undefined) return undefined;
  const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : Number.NaN;
  const { min, max, whole = false } = range;
  if (!(value >= min && value <= max) || (whole && !Number.isInteger(value))) {
    const noun = whole ? 'a whole number' : 'a number';
    throw new CptError(
      'CPT_USAGE',
      `--${name} is ${noun} from ${min} to ${max}, not ${JSON.stringify(given)}.`,
    );
  }
  return value;
}

/** @throws CptError CPT_USAGE where it is given without a value */
export function textFlag(flags: Flags, name: string): string | undefined {
  const given = flags[name];
  if (given === '') throw new CptError('CPT_USAGE', `--${name} needs a value.`);
  return typeof given === 'string' ? given : undefined;
}

/** @throws CptError CPT_USAGE where it is missing */
export function neededFlag(flags: Flags, name: string, command: string): string {
  const value = textFlag(flags, name);
  if (value !== undefined) return value;
  throw new CptError('CPT_USAGE', `cpt ${command} needs --${name}.`, { hint: `See cpt ${command} --help.` });
}

export function listFlag(flags: Flags, name: string): readonly string[] {
  const given = flags[name];
  return Array.isArray(given) ? (given as string[]) : [];
}
