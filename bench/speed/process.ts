/** An engine's process: it says when it is ready, answers lines with lines of JSON, and ends with its peak memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** What a worker says; see worker.ts and peak.ts. */
export interface Answer {
  readonly ready?: number;
  readonly version?: string;
  readonly missing?: string;
  readonly seconds?: number;
  readonly gflops?: readonly number[];
  readonly peak?: number;
}

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Worker {
  /** Seconds from the first call into the engine to the end of the first step. */
  readonly setUp: number;
  /** Of the library, where the worker says it. */
  readonly version: string;
  /** Sends a number and waits for the answer. */
  ask(count: number): Promise<Answer>;
  /** Ends the process: its peak memory in GiB. */
  end(): Promise<number>;
}

/** Why an engine cannot be had; its message belongs in the table. */
export class Missing extends Error {}

/** Compiling, or a step of tfjs's `cpu` backend, may take long; what takes longer hangs. */
const PATIENCE = 40 * 60_000;

/** @throws Missing where the process does not start, says that something is missing, or ends before it is ready */
export async function openWorker({ file, args, env = {} }: Command): Promise<Worker> {
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  child.stdin.on('error', () => {}); // its end is noticed by what it does not answer
  const failed = ended(child, () => complaint);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Answer> => {
    const watch = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const { value, done } = await Promise.race([lines.next(), failed]).finally(() => clearTimeout(watch));
    const answer = done ? await failed : (JSON.parse(value) as Answer);
    if (answer.missing !== undefined) throw new Missing(oneLine(answer.missing));
    return answer;
  };
  const { ready, version = '' } = await next();
  if (ready === undefined) {
    child.kill();
    throw new Missing('it did not say that it is ready');
  }
  return {
    setUp: ready,
    version,
    ask(count) {
      child.stdin.write(`${count}\n`);
      return next();
    },
    async end() {
      child.stdin.end();
      return (await next()).peak!;
    },
  };
}

/** Rejects once the process is gone. */
function ended(child: ChildProcess, complaint: () => string): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new Missing(oneLine(error.message))));
    child.once('close', (code, signal) => {
      const last = complaint().trim().split('\n').at(-1) ?? '';
      reject(new Missing(oneLine(`it ended with ${signal ?? `status ${code}`} ${last}`)));
    });
  });
  failed.catch(() => {}); // it may end while nobody waits
  return failed;
}

/** Fits a table's cell: without the place in a library's source and the folders of the machine that built it. */
function oneLine(text: string): string {
  const bare = text
    .replace(/\S+\.cc:\d+ .*?was false\.\s*/s, '')
    .replaceAll(/(?:\/[\w.+-]+)+\/(?=[\w.+-]+)/g, '')
    .replaceAll('|', '/');
  return bare.split(/\s+/).join(' ').trim().slice(0, 240);
}
