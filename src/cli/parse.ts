/** The arguments behind a command's name, checked against what the command takes. */
import { parseArgs } from 'node:util';
import { didYouMean } from '../config/closest.ts';
import type { SettingSpec } from '../config/setting.ts';
import { settingsOf, withSecretFiles } from '../config/settings.ts';
import { CptError } from '../errors.ts';
import type { Command, CommandArgs, Flag } from './command.ts';

/** Flags that every command has. */
export const COMMON_FLAGS: readonly Flag[] = [
  { name: 'config', value: 'FILE', about: 'settings file; by default cpt.config.json where there is one' },
  { name: 'print-config', about: 'print every setting with its source, and end' },
  { name: 'help', about: 'print this, and end' },
];

export interface Parsed {
  readonly args: CommandArgs;
  /** Settings by flag, as given. */
  readonly settings: Readonly<Record<string, string | boolean | undefined>>;
  readonly help: boolean;
  readonly printConfig: boolean;
  readonly configFile: string | undefined;
}

interface Option {
  type: 'string' | 'boolean';
  multiple?: boolean;
  short?: string;
}

/** @throws CptError CPT_USAGE for what the command does not take */
export function parseCommand(command: Command, argv: readonly string[]): Parsed {
  const settings = withSecretFiles(settingsOf(command.settings));
  const options = optionsOf(command, settings);
  let values: Record<string, string | boolean | (string | boolean)[] | undefined>;
  let positionals: string[];
  try {
    ({ values, positionals } = parseArgs({ args: [...argv], options, strict: true, allowPositionals: true }));
  } catch (error) {
    throw usageError(command, error, argv, Object.keys(options));
  }
  const most = command.positionals ?? 0;
  if (positionals.length > most && values.help !== true) {
    const given = JSON.stringify(positionals[most]);
    throw new CptError('CPT_USAGE', `cpt ${command.name} takes no argument ${given}.`, {
      hint: `Usage: cpt ${command.usage}`,
    });
  }
  const own: Record<string, string | boolean | readonly string[] | undefined> = {};
  for (const { name } of command.flags) {
    const value = values[name];
    if (value !== undefined) own[name] = Array.isArray(value) ? value.map(String) : value;
  }
  return {
    args: { positionals, flags: own },
    settings: Object.fromEntries(
      settings.map(({ flag, kind }) => [flag, settingValue(values, flag, kind.is)]),
    ),
    help: values.help === true,
    printConfig: values['print-config'] === true,
    configFile: values.config as string | undefined,
  };
}

function optionsOf(command: Command, settings: readonly SettingSpec[]): Record<string, Option> {
  const options: Record<string, Option> = {};
  for (const { flag, kind } of settings) {
    options[flag] = { type: kind.is === 'switch' ? 'boolean' : 'string' };
    if (kind.is === 'switch') options[`no-${flag}`] = { type: 'boolean' };
  }
  for (const flag of [...command.flags, ...COMMON_FLAGS]) {
    options[flag.name] = {
      type: flag.value === undefined ? 'boolean' : 'string',
      multiple: flag.multiple === true,
      ...(flag.name === 'help' ? { short: 'h' } : {}),
    };
  }
  return options;
}

function settingValue(
  values: Readonly<Record<string, unknown>>,
  flag: string,
  kind: string,
): string | boolean | undefined {
  if (kind === 'switch' && values[`no-${flag}`] === true) return false;
  return values[flag] as string | boolean | undefined;
}

/** One sentence for what parseArgs refused, with the nearest flag where one was mistyped. */
function usageError(
  command: Command,
  error: unknown,
  argv: readonly string[],
  known: readonly string[],
): CptError {
  const code = (error as { code?: string }).code ?? '';
  const hint = `See cpt ${command.name} --help.`;
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') {
    const end = argv.indexOf('--');
    const given = (end < 0 ? argv : argv.slice(0, end))
      .filter((word) => /^-./.test(word))
      .map((word) => word.replace(/=.*$/s, ''))
      .find((word) => word !== '-h' && !known.includes(word.replace(/^--/, '')));
    const flag = given ?? 'that was given';
    const near = didYouMean(
      flag,
      known.map((name) => `--${name}`),
    );
    return new CptError('CPT_USAGE', `cpt ${command.name} has no flag ${flag}.${near}`, { hint });
  }
  const message = error instanceof Error ? error.message.split('\n')[0]! : String(error);
  const sentence = message.endsWith('.') ? message : `${message}.`;
  return new CptError('CPT_USAGE', sentence, { hint, cause: error });
}
