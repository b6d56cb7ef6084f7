/** The table of settings: one row makes the flag, the variable, the check, the help and the printed line. */
import { CONFIG_DEFAULTS } from './config-type.ts';
import { DECODE_SETTINGS } from './input-settings.ts';
import { LOGIN_SETTINGS } from './kafka-settings.ts';
import { text } from './kinds.ts';
import { MACHINE_SETTINGS } from './machine-settings.ts';
import { READING_SETTINGS } from './reading-settings.ts';
import { RUN_SETTINGS } from './run-settings.ts';
import { SEGMENTER_SETTINGS } from './segmenter-settings.ts';
import type { SettingGroup, SettingPath, SettingSpec, SettingValue } from './setting.ts';
import { TASK_SETTINGS } from './task-settings.ts';
import { TRAINER_SETTINGS } from './trainer-settings.ts';

/** In the order of the help. Every option that a room exports has its row: the type demands it. */
export const SETTINGS: Readonly<Record<SettingPath, SettingSpec>> = {
  ...RUN_SETTINGS,
  ...LOGIN_SETTINGS,
  ...READING_SETTINGS,
  ...DECODE_SETTINGS,
  ...SEGMENTER_SETTINGS,
  ...TASK_SETTINGS,
  ...TRAINER_SETTINGS,
  ...MACHINE_SETTINGS,
};

export interface Setting extends SettingSpec {
  readonly path: SettingPath;
  readonly fallback: SettingValue;
}

export const SETTING_LIST: readonly Setting[] = Object.entries(SETTINGS).map(([path, spec]) => ({
  ...spec,
  path: path as SettingPath,
  fallback: valueAt(CONFIG_DEFAULTS, path) as SettingValue,
}));

/** What stands in a table of settings beside a secret: the path of a file that has the value. */
export interface SecretFile extends SettingSpec {
  /** `kafka.passwordFile`. */
  readonly path: string;
}

/** `--kafka-password-file`, `CPT_KAFKA_PASSWORD_FILE` and `kafka.passwordFile` to `--kafka-password`; so for every secret. */
export function secretFileOf({ path, flag, group, secret }: Setting): SecretFile | undefined {
  if (secret !== 'whole') return undefined;
  return {
    path: `${path}File`,
    flag: `${flag}-file`,
    group,
    kind: text('a path'),
    placeholder: 'FILE',
    about: `a file that has it, better than --${flag}`,
  };
}

/** With the files that secrets may be in. */
export function withSecretFiles(settings: readonly Setting[]): (Setting | SecretFile)[] {
  return settings.flatMap((setting) => {
    const file = secretFileOf(setting);
    return file === undefined ? [setting] : [setting, file];
  });
}

export function settingsOf(groups: readonly SettingGroup[]): Setting[] {
  return SETTING_LIST.filter((setting) => groups.includes(setting.group));
}

/** What stands at a path of nested objects, own properties only. */
export function valueAt(root: unknown, path: string): unknown {
  let value = root;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}
