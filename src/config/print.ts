/** The configuration for a person (`--print-config`): every value, its unit, where it came from. */
import type { Config } from './config-type.ts';
import { type SettingPath, type SettingValue, shown, written } from './setting.ts';
import { SETTING_LIST, type Setting, valueAt } from './settings.ts';
import type { Source } from './values.ts';

type Printed = { readonly config: Config; readonly sources: Readonly<Record<SettingPath, Source>> };

/** One line per setting, in three columns. Passwords are hidden. */
export function printConfig({ config, sources }: Printed): string {
  const rows = SETTING_LIST.map((setting) => {
    const value = printed(setting, config);
    const text = value === '' ? '(none)' : String(value);
    return [
      setting.path,
      setting.unit && value !== 'off' ? `${text} ${setting.unit}` : text,
      sources[setting.path].name,
    ];
  });
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const [first, second] = [width(0), Math.min(width(1), 48)];
  return rows
    .map(([path, value, source]) => `${path!.padEnd(first)}  ${value!.padEnd(second)}  ${source}\n`)
    .join('');
}

/** The same as one JSON object: `{"task.passes":{"value":4,"unit":null,"source":"default"}}`. */
export function configJson({ config, sources }: Printed): string {
  const entries = SETTING_LIST.map((setting) => [
    setting.path,
    { value: printed(setting, config), unit: setting.unit ?? null, source: sources[setting.path].name },
  ]);
  return `${JSON.stringify(Object.fromEntries(entries))}\n`;
}

function printed(setting: Setting, config: Config): SettingValue {
  const value = valueAt(config, setting.path) as SettingValue;
  return typeof value === 'string' ? shown(setting, value) : written(value);
}
