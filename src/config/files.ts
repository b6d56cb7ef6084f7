/** Values that stand in files: secrets, and what a setting wants its file to hold. */
import { type SecretFile, type Setting, secretFileOf } from './settings.ts';
import { type ConfigInput, type Given, givenFor, RANKS } from './values.ts';

/** A longer secret is something else that was named by mistake. */
const MAX_SECRET = 1 << 16;

export type Found = { readonly given: Given } | { readonly problem: string } | undefined;

/**
 * The strongest value that is given for a setting, out of its file where it is a secret that is given so. One line
 * end behind it is taken off.
 */
export function valueFor(setting: Setting, input: ConfigInput, warn: (warning: string) => void): Found {
  const direct = givenFor(setting, input);
  const file = secretFileOf(setting);
  const named = file && givenFor(file, input);
  if (direct !== undefined && setting.secret === 'whole' && direct.source.kind === 'flag') {
    warn(
      `Everybody on this machine can read ${direct.source.name} in the list of processes; ` +
        `give ${file?.flag === undefined ? 'it' : `--${file.flag}`} or a variable.`,
    );
  }
  if (file === undefined || named === undefined) return direct && { given: direct };
  const [one, other] = [direct?.source, named.source];
  if (one !== undefined && one.kind === other.kind) {
    const names =
      one.name === other.name
        ? `${setting.path} and ${file.path} are both set by ${one.name}`
        : `${one.name} and ${other.name} are both set`;
    return { problem: `${setting.path}: ${names}, give one of them` };
  }
  if (direct && RANKS.indexOf(direct.source.kind) < RANKS.indexOf(named.source.kind))
    return { given: direct };
  return fromFile(file, named, input, warn);
}

function fromFile(
  file: SecretFile,
  named: Given,
  input: ConfigInput,
  warn: (warning: string) => void,
): Found {
  const { value: path, source } = named;
  if (typeof path !== 'string' || path === '' || path.includes('\0')) {
    return { problem: `${file.path}: ${JSON.stringify(path)} from ${source.name}; allowed: a path` };
  }
  const read = input.readFile?.(path) ?? { problem: 'cannot be read here' };
  const refused = (why: string) => ({
    problem: `${file.path}: ${JSON.stringify(path)} from ${source.name}; ${why}`,
  });
  if ('problem' in read) return refused(`it ${read.problem}`);
  const value = read.text.replace(/\r?\n$/, '');
  if (value === '') return refused('it is empty');
  if (value.length > MAX_SECRET || value.includes('\0'))
    return refused('it holds no secret: too long, or binary');
  if (read.public) warn(publicWarning(path));
  return { given: { source, value } };
}

const LABELS = {
  certificate: [
    /-----BEGIN (?:TRUSTED )?CERTIFICATE-----/,
    'holds no certificate in PEM (BEGIN CERTIFICATE)',
  ],
  key: [/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/, 'holds no private key in PEM (BEGIN PRIVATE KEY)'],
  token: [/\S/, 'is empty'],
} as const;

/** What is wrong with the file that a setting names, a phrase to stand behind `it `, or null. */
export function fileFault(
  { file }: Setting,
  path: string,
  { readFile }: ConfigInput,
  warn: (warning: string) => void,
): string | null {
  if (file === undefined || path === '') return null;
  const read = readFile?.(path) ?? { problem: 'cannot be read here' };
  if ('problem' in read) return read.problem;
  const [pattern, fault] = LABELS[file];
  if (!pattern.test(read.text)) return fault;
  if (read.public && file !== 'certificate') warn(publicWarning(path));
  return null;
}

function publicWarning(path: string): string {
  return `Everybody on this machine may read ${path}, which holds a secret: chmod 600 keeps it.`;
}
