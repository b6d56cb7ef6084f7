/** What one setting is: the row of the table from which flags, variables, checks and help are made. */
import type { Config } from './config-type.ts';

/** Path of a value in the configuration: `feed`, `task.passes`. */
export type SettingPath = {
  [Key in keyof Config & string]: Config[Key] extends object ? `${Key}.${keyof Config[Key] & string}` : Key;
}[keyof Config & string];

/** Which commands a setting is for: a command lists the groups that it takes. */
export type SettingGroup =
  | 'pipeline'
  | 'places'
  | 'base'
  | 'serving'
  | 'decode'
  | 'segmenter'
  | 'task'
  | 'trainer'
  | 'kafka'
  | 'machines'
  | 'output';

export type Kind =
  | {
      readonly is: 'text';
      readonly pattern: RegExp;
      readonly allowed: string;
      /** What is wrong with a value that has the pattern, a sentence, or null. */
      readonly refuse?: (value: string) => string | null;
    }
  | { readonly is: 'choice'; readonly of: readonly string[] }
  | { readonly is: 'switch' }
  /** A number from `min` to `max`, both allowed; `whole`: without a fraction; `off`: or no bound (infinity). */
  | {
      readonly is: 'number';
      readonly min: number;
      readonly max: number;
      readonly whole: boolean;
      readonly off?: true;
    }
  /** Bytes, as a number or as `4GB`, `512MiB`; `off` or 0 is no bound (infinity). */
  | { readonly is: 'size' }
  /** 0 to 65535, or `off`. */
  | { readonly is: 'port' };

export interface SettingSpec {
  /** Without the dashes; the environment variable is `CPT_` and this in capitals with `_` for `-`. */
  readonly flag: string;
  readonly group: SettingGroup;
  readonly kind: Kind;
  /** What it does, a phrase for help; the unit has its own place. */
  readonly about: string;
  readonly unit?: string;
  /** Stands for the value in help: `FILE`. Made from the kind where it is missing. */
  readonly placeholder?: string;
  /** Never shown: the `whole` value, or the passwords that a `url` may carry. */
  readonly secret?: 'whole' | 'url';
  /** The value is the path of a file that must be there and hold this. */
  readonly file?: 'certificate' | 'key' | 'token';
}

export type SettingValue = string | number | boolean;

/** A value as a person may see it. */
export function shown({ secret }: Pick<SettingSpec, 'secret'>, value: string): string {
  if (secret === 'whole') return value === '' ? '' : '***';
  return secret === 'url' ? hideSecrets(value) : value;
}

/** A value as it is written in flags and files: no bound is `off`. */
export function written(value: SettingValue): SettingValue {
  return value === Number.POSITIVE_INFINITY ? 'off' : value;
}

/** Name of the environment variable of a setting. */
export function variableOf({ flag }: Pick<SettingSpec, 'flag'>): string {
  return `CPT_${flag.toUpperCase().replaceAll('-', '_')}`;
}

/** The value with the passwords in it hidden: those before the host of a URL and those of its parameters. */
export function hideSecrets(value: string): string {
  return value
    .replace(/([?&](?:password|secret|token)=)[^&\s]*/gi, '$1***')
    .replace(/(:\/\/)(\S*)@/g, (_, slashes: string, credentials: string) => {
      const colon = credentials.indexOf(':');
      return colon > 0 ? `${slashes}${credentials.slice(0, colon)}:***@` : `${slashes}***@`;
    });
}

/** What a setting allows, for a sentence that says so. */
export function allowed(kind: Kind): string {
  switch (kind.is) {
    case 'text':
      return kind.allowed;
    case 'choice':
      return `one of ${kind.of.join(', ')}`;
    case 'switch':
      return 'true or false';
    case 'number': {
      const noun = kind.whole ? 'a whole number' : 'a number';
      return `${noun} from ${kind.min} to ${kind.max}${kind.off ? ', or off' : ''}`;
    }
    case 'size':
      return 'bytes, or a size such as 512MB or 4GiB, from 1MB, or off';
    case 'port':
      return 'a port from 0 (any free one) to 65535, or off';
  }
}
