/** The values given for each setting, found in flags, environment and file, strongest first. */

import type { SettingFile } from '../edge/setting-file.ts';
import { closest, didYouMean } from './closest.ts';
import { variableOf } from './setting.ts';
import { SETTING_LIST, type SecretFile, type Setting, valueAt, withSecretFiles } from './settings.ts';

export type SourceKind = 'flag' | 'environment' | 'file' | 'default' | 'derived';

/** Where values come from, strongest first. */
export const RANKS: readonly SourceKind[] = ['flag', 'environment', 'file'];

/** Where a value came from: `--passes`, `CPT_PASSES`, the file's name, or nothing at all. */
export interface Source {
  readonly kind: SourceKind;
  readonly name: string;
}

export interface ConfigInput {
  /** By flag, without dashes; what parseArgs gave. */
  readonly flags?: Readonly<Record<string, string | boolean | undefined>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly file?: { readonly name: string; readonly json: unknown } | null;
  /** Reads the files that settings name; without it none can be named. */
  readonly readFile?: (path: string) => SettingFile;
}

export interface Given {
  readonly source: Source;
  readonly value: unknown;
}

/** The strongest value that is given for a setting. An empty variable counts as not set. */
export function givenFor(setting: Setting | SecretFile, input: ConfigInput): Given | undefined {
  const flag = input.flags?.[setting.flag];
  if (flag !== undefined) return { source: { kind: 'flag', name: `--${setting.flag}` }, value: flag };
  const variable = variableOf(setting);
  const value = input.env?.[variable];
  if (value !== undefined && value !== '') {
    return { source: { kind: 'environment', name: variable }, value };
  }
  if (input.file) {
    const found = valueAt(input.file.json, setting.path);
    if (found !== undefined) return { source: { kind: 'file', name: input.file.name }, value: found };
  }
  return undefined;
}

/** Variables that are not settings but are read elsewhere. */
const OTHER_VARIABLES = new Set(['CPT_CONFIG', 'CPT_DEBUG', 'CPT_CRASH']);

/**
 * Variables that look like a mistyped setting. Others with the prefix are let be: an orchestrator may set
 * `CPT_SERVICE_HOST` and the like for a service of this name.
 */
export function strangeVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  const known = withSecretFiles(SETTING_LIST).map(variableOf);
  const warnings: string[] = [];
  for (const name of Object.keys(env).sort()) {
    if (!name.startsWith('CPT_') || known.includes(name) || OTHER_VARIABLES.has(name)) continue;
    const meant = closest(
      name.slice(4),
      known.map((variable) => variable.slice(4)),
    );
    if (meant !== undefined) {
      warnings.push(`The variable ${name} is not a setting and has no effect. Did you mean CPT_${meant}?`);
    }
  }
  return warnings;
}

/** Keys of the file that no setting has, each as a sentence. */
export function strangeKeys(file: { readonly name: string; readonly json: unknown }): string[] {
  const { name, json } = file;
  if (!isObject(json)) return [`${name}: the file holds no JSON object`];
  const paths: readonly string[] = withSecretFiles(SETTING_LIST).map(({ path }) => path);
  const sections = new Set(paths.filter((path) => path.includes('.')).map((path) => path.split('.')[0]!));
  const strange: string[] = [];
  for (const [key, value] of Object.entries(json)) {
    if (key === '$schema' || paths.includes(key)) continue;
    if (!sections.has(key)) {
      const meant = paths.find((path) => path.endsWith(`.${key}`));
      const hint = meant === undefined ? didYouMean(key, [...paths, ...sections]) : ` Did you mean ${meant}?`;
      strange.push(`${key}: no such setting, from ${name}.${hint}`);
    } else if (!isObject(value)) {
      strange.push(`${key}: ${JSON.stringify(value)} from ${name}; allowed: an object of settings`);
    } else {
      for (const inner of Object.keys(value)) {
        const path = `${key}.${inner}`;
        if (!paths.includes(path)) {
          strange.push(`${path}: no such setting, from ${name}.${didYouMean(path, paths)}`);
        }
      }
    }
  }
  return strange;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
