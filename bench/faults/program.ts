/** `cpt run` under a supervisor: started again when it ends, its exits counted by error code. */
import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { kill, trainerOf } from '../../test/fixtures/processes.ts';

/** After these the same command may work without anybody changing anything. */
const RETRYABLE = new Set(['CPT_KAFKA', 'CPT_STATE_LOCKED', 'CPT_DISK_FULL']);
const MAX_EXITS_IN_A_ROW = 30;

export interface ProgramOptions {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Standard error of all runs. */
  readonly log: string;
}

export class Program {
  readonly #options: ProgramOptions;
  /** By code: exits of its own. */
  readonly exits: Record<string, number> = {};
  starts = 0;
  /** Called when it ends of itself, before it is started again. */
  onExit: (code: string) => Promise<void> = async () => {};
  #child: ChildProcess | undefined;
  #stopping = false;
  #loop: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
  }

  /** @param flags behind the command; with `--once` it ends when all is done */
  start(flags: readonly string[] = []): void {
    this.#stopping = false;
    this.#loop = this.#supervise(flags).catch((error: Error) => {
      this.#failure = error;
    });
  }

  /** Resolves when the program has ended with status 0. */
  async done(): Promise<void> {
    await this.#loop;
    this.check();
  }

  /** Asks it to end, and waits. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#child?.kill('SIGTERM');
    await this.done();
  }

  /** @throws what it failed with for good */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  get pid(): number | undefined {
    return this.#running ? this.#child?.pid : undefined;
  }

  get trainer(): number | undefined {
    return this.pid === undefined ? undefined : trainerOf(this.pid);
  }

  /** Waits until it has a trainer, some seconds at the most. */
  async settled(): Promise<void> {
    for (let tries = 0; tries < 100 && this.trainer === undefined; tries++) await sleep(100);
  }

  killNow(): void {
    this.#stopping = true;
    kill(this.trainer);
    kill(this.pid);
  }

  get #running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async #supervise(flags: readonly string[]): Promise<void> {
    const { command, env, log } = this.#options;
    for (let inRow = 0; ; ) {
      const begun = fs.existsSync(log) ? fs.statSync(log).size : 0;
      const file = fs.openSync(log, 'a');
      const child = spawn(process.execPath, [...command, ...flags], {
        env,
        stdio: ['ignore', 'ignore', file],
      });
      fs.closeSync(file);
      this.#child = child;
      this.starts += 1;
      const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (...how) => resolve(how));
      });
      if (this.#stopping || status === 0) return;
      if (signal === 'SIGKILL') {
        inRow = 0;
        continue;
      }
      const said = fs.readFileSync(log).subarray(begun).toString();
      // LMDB writes to standard error too, and ends no line
      const code = [...said.matchAll(/(CPT_[A-Z_]+): /g)].at(-1)?.[1] ?? `${signal ?? `status ${status}`}`;
      this.exits[code] = (this.exits[code] ?? 0) + 1;
      if (!RETRYABLE.has(code) || ++inRow > MAX_EXITS_IN_A_ROW) {
        throw new Error(`the program ended with ${code}:\n${said.trim().split('\n').slice(-5).join('\n')}`);
      }
      await this.onExit(code);
      await sleep(500);
    }
  }
}
