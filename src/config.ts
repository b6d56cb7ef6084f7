/**
 * The configuration: flags before environment before file before defaults, checked once, all problems told
 * together, frozen. What can be set stands in `config/settings.ts`; this file decides what holds.
 */
import { CONFIG_DEFAULTS, type Config, lineageOf } from './config/config-type.ts';
import { contradictions, imprudences } from './config/contradictions.ts';
import { fileFault, valueFor } from './config/files.ts';
import { jsonSchema, textSchema } from './config/schema.ts';
import { allowed, type SettingPath, type SettingValue, shown } from './config/setting.ts';
import { SETTING_LIST, type Setting, valueAt } from './config/settings.ts';
import { type ConfigInput, type Given, type Source, strangeKeys, strangeVariables } from './config/values.ts';
import { CptError } from './errors.ts';

export { BUNDLED, CONFIG_DEFAULTS, type Config, type LogLevel, lineageOf } from './config/config-type.ts';
export { configJson, printConfig } from './config/print.ts';
export type { ConfigInput, Source } from './config/values.ts';

export interface Resolved {
  /** Frozen to its leaves. */
  readonly config: Config;
  /** Where each value came from. */
  readonly sources: Readonly<Record<SettingPath, Source>>;
  /** What is probably not meant, a sentence each. */
  readonly warnings: readonly string[];
}

const DEFAULT: Source = { kind: 'default', name: 'default' };

/**
 * Decides every setting.
 * @throws CptError CPT_CONFIG with one line per problem: the setting, the value, its source, what is allowed
 */
export function resolveConfig(input: ConfigInput = {}): Resolved {
  const problems = input.file ? strangeKeys(input.file) : [];
  const config = structuredClone(CONFIG_DEFAULTS);
  const sources: Partial<Record<SettingPath, Source>> = {};
  const warnings = strangeVariables(input.env ?? {});
  const warn = (warning: string): void => void warnings.push(warning);
  for (const setting of SETTING_LIST) {
    const found = valueFor(setting, input, warn);
    if (found !== undefined && 'problem' in found) problems.push(found.problem);
    const given = found && 'given' in found ? found.given : undefined;
    sources[setting.path] = given?.source ?? DEFAULT;
    if (given === undefined) continue;
    const { kind } = given.source;
    const schema = kind === 'file' ? jsonSchema(setting.kind) : textSchema(setting.kind);
    const parsed = schema.safeParse(given.value);
    if (!parsed.success) {
      problems.push(problem(setting, given));
      continue;
    }
    put(config, setting.path, parsed.data);
    const fault = fileFault(setting, String(parsed.data), input, warn);
    if (fault !== null)
      problems.push(`${setting.path}: ${short(setting, given)} from ${given.source.name}; it ${fault}`);
  }
  problems.push(...contradictions(config));
  if (problems.length > 0) {
    const count = problems.length === 1 ? '1 setting is wrong' : `${problems.length} settings are wrong`;
    throw new CptError('CPT_CONFIG', `${count}:\n${problems.map((line) => `  ${line}`).join('\n')}`);
  }
  if (config.lineage === '') {
    put(config, 'lineage', lineageOf(config.feed));
    sources.lineage = { kind: 'derived', name: 'from the feed' };
  }
  return {
    config: deepFreeze(config),
    sources: sources as Record<SettingPath, Source>,
    warnings: [...warnings, ...imprudences(config)],
  };
}

/** The value, cut, without what is secret in it. */
function short(setting: Setting, { value }: Given): string {
  const text = shown(setting, JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function problem(setting: Setting, given: Given): string {
  const { source, value } = given;
  const { kind } = setting;
  const why = kind.is === 'text' && typeof value === 'string' ? (kind.refuse?.(value) ?? null) : null;
  return `${setting.path}: ${short(setting, given)} from ${source.name}; ${why ?? `allowed: ${allowed(kind)}`}`;
}

function put(config: Config, path: SettingPath, value: SettingValue): void {
  const cut = path.lastIndexOf('.');
  const holder = cut < 0 ? config : valueAt(config, path.slice(0, cut));
  (holder as Record<string, SettingValue>)[path.slice(cut + 1)] = value;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
