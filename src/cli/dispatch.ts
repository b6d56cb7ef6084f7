/** From the arguments to an exit status: finds the command, decides the settings, tells errors in one line. */
import { CptError } from '../errors.ts';
import type { CommandIo } from './command.ts';
import { loadCommand } from './registry.ts';
import { harmless, harmlessLines } from './width.ts';

export interface Host {
  readonly io: CommandIo;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly version: string;
}

/**
 * Runs one command line. Never throws.
 * @param argv the arguments behind the program's name
 * @returns 0 done, 1 an error that was told, 2 wrong usage
 */
export async function dispatch(argv: readonly string[], host: Host): Promise<number> {
  try {
    return await run(argv, host);
  } catch (error) {
    return tell(error, host);
  }
}

async function run(argv: readonly string[], { io, env, signal, version }: Host): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    const { programHelp } = await import('./help.ts');
    (name === undefined ? io.stderr : io.stdout).write(programHelp());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-V') {
    io.stdout.write(`${version}\n`);
    return 0;
  }
  if (name === 'help') return run([rest[0]!, '--help'], { io, env, signal, version });
  if (name.startsWith('-')) {
    throw new CptError('CPT_USAGE', `The command stands before its flags, not ${name}.`, {
      hint: 'See cpt --help.',
    });
  }
  const command = await loadCommand(name);
  const { parseCommand } = await import('./parse.ts');
  const parsed = parseCommand(command, rest);
  if (parsed.help) {
    const { commandHelp } = await import('./help.ts');
    io.stdout.write(commandHelp(command));
    return 0;
  }
  const { readConfigFile } = await import('./config-file.ts');
  const { configJson, printConfig, resolveConfig } = await import('../config.ts');
  const file = await readConfigFile(parsed.configFile ?? (env.CPT_CONFIG || undefined));
  const { readSettingFile } = await import('../edge/setting-file.ts');
  const resolved = resolveConfig({ flags: parsed.settings, env, file, readFile: readSettingFile });
  for (const warning of resolved.warnings) io.stderr.write(`warning: ${harmless(warning)}\n`);
  const { config } = resolved;
  if (parsed.printConfig) {
    io.stdout.write(config.json ? configJson(resolved) : printConfig(resolved));
    return 0;
  }
  return command.run({ args: parsed.args, config, io, env, signal });
}

/** Tells an error on standard error and gives its exit status. */
function tell(error: unknown, { io, env }: Host): number {
  const debug = env.CPT_DEBUG === '1';
  if (error instanceof CptError) {
    io.stderr.write(`${harmlessLines(error.toLine())}\n`);
    if (debug) io.stderr.write(`${harmlessLines(stackOf(error))}\n`);
    return error.code === 'CPT_USAGE' ? 2 : 1;
  }
  const message = error instanceof Error ? error.message : String(error);
  const how = debug ? '' : ' CPT_DEBUG=1 prints where it happened.';
  io.stderr.write(
    `Unexpected error: ${harmless(oneLine(message))}. This is a fault of cpt-stream: please report it.${how}\n`,
  );
  if (debug) io.stderr.write(`${harmlessLines(stackOf(error))}\n`);
  return 1;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

function oneLine(message: string): string {
  return message
    .replace(/\s*\n\s*/g, ' ')
    .trim()
    .replace(/\.$/, '');
}
