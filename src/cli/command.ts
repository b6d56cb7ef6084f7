/** What a command of the command line is. */
import type { Readable } from 'node:stream';
import type { Config } from '../config/config-type.ts';
import type { SettingGroup } from '../config/setting.ts';

/** A flag of one command, beside the settings that it takes. */
export interface Flag {
  /** Without the dashes. */
  readonly name: string;
  /** Stands for the value in help (`FILE`); a flag without it is a switch. */
  readonly value?: string;
  /** May be given several times. */
  readonly multiple?: boolean;
  readonly about: string;
}

export interface CommandArgs {
  /** What stands without a flag. */
  readonly positionals: readonly string[];
  /** The command's own flags by name, those that were given; settings are in the configuration. */
  readonly flags: Readonly<Record<string, string | boolean | readonly string[] | undefined>>;
}

export interface CommandIo {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: Readable;
  /** Whether standard output is a terminal. */
  readonly isTTY: boolean;
  /** Width of that terminal now; 80 where there is none. */
  readonly columns: number;
}

export interface CommandContext {
  readonly args: CommandArgs;
  /** Resolved and frozen. */
  readonly config: Config;
  readonly io: CommandIo;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts at the first SIGINT or SIGTERM; the reason is a CptError CPT_INTERRUPTED. */
  readonly signal: AbortSignal;
}

export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** How it is called, without the program's name: `segment --input FILE|-`. */
  readonly usage: string;
  /** Most positional arguments; default 0. */
  readonly positionals?: number;
  readonly flags: readonly Flag[];
  /** The settings that it takes as flags. */
  readonly settings: readonly SettingGroup[];
  /**
   * @returns the exit status, 0 where all went well
   * @throws CptError for everything that a person can do something about
   */
  run(context: CommandContext): Promise<number>;
}
