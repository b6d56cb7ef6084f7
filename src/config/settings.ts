/** The table of settings: one row makes the flag, the variable, the check, the help and the printed line. */
import { CONFIG_DEFAULTS } from './config-type.ts';
import { DECODE_SETTINGS, KAFKA_SETTINGS } from './input-settings.ts';
import { RUN_SETTINGS } from './run-settings.ts';
import { SEGMENTER_SETTINGS } from './segmenter-settings.ts';
import type { SettingGroup, SettingPath, SettingSpec, SettingValue } from './setting.ts';
import { TASK_SETTINGS } from './task-settings.ts';
import { TRAINER_SETTINGS } from './trainer-settings.ts';

/** In the order of the help. Every option that a room exports has its row: the type demands it. */
export const SETTINGS: Readonly<Record<SettingPath, SettingSpec>> = {
  ...RUN_SETTINGS,
  ...KAFKA_SETTINGS,
  ...DECODE_SETTINGS,
  ...SEGMENTER_SETTINGS,
  ...TASK_SETTINGS,
  ...TRAINER_SETTINGS,
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
