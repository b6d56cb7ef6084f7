/** The texts of `cpt --help` and `cpt COMMAND --help`, from the same tables as everything else. */
import { allowed, type SettingSpec, variableOf, written } from '../config/setting.ts';
import { type SecretFile, type Setting, settingsOf, withSecretFiles } from '../config/settings.ts';
import type { Command, Flag } from './command.ts';
import { COMMON_FLAGS } from './parse.ts';
import { COMMANDS } from './registry.ts';

const INDENT = '  ';

export function programHelp(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const list = Object.entries(COMMANDS).map(
    ([name, summary]) => `${INDENT}${name.padEnd(width)}  ${summary}\n`,
  );
  return [
    'cpt keeps a language model current from a live text feed, without forgetting.\n\n',
    'Usage: cpt COMMAND [flags]\n\nCommands:\n',
    ...list,
    '\ncpt COMMAND --help tells what a command takes; cpt --version prints the version.\n',
  ].join('');
}

export function commandHelp(command: Command): string {
  const settings = withSecretFiles(settingsOf(command.settings));
  const sections = [`cpt ${command.name}: ${command.summary}\n\nUsage: cpt ${command.usage}\n`];
  if (command.flags.length > 0) sections.push(`\nFlags:\n${table(command.flags.map(flagRow))}`);
  if (settings.length > 0) {
    const rows = settings.map(settingRow);
    sections.push(
      `\nSettings (flag, or variable ${variableOf(settings[0]!)} and so on, or settings file):\n`,
    );
    sections.push(table(rows));
  }
  sections.push(`\nCommon:\n${table(COMMON_FLAGS.map(flagRow))}`);
  return sections.join('');
}

function flagRow({ name, value, about, multiple }: Flag): [string, string] {
  const left = value === undefined ? `--${name}` : `--${name} ${value}`;
  return [multiple ? `${left} …` : left, about];
}

function settingRow(setting: Setting | SecretFile): [string, string] {
  const { flag, kind, about, unit } = setting;
  const fallback = 'fallback' in setting ? written(setting.fallback) : '';
  const left =
    kind.is === 'switch' ? `--${flag}` : `--${flag} ${setting.placeholder ?? placeholder(setting)}`;
  const shown =
    fallback === '' || fallback === false
      ? ''
      : ` (${fallback}${unit && fallback !== 'off' ? ` ${unit}` : ''})`;
  const range = kind.is === 'choice' ? `; ${allowed(kind)}` : '';
  return [left, `${about}${range}${shown}`];
}

function placeholder({ kind }: SettingSpec): string {
  if (kind.is === 'choice') return 'WORD';
  return kind.is === 'text' ? 'TEXT' : 'N';
}

function table(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `${INDENT}${left.padEnd(width)}  ${right}\n`).join('');
}
