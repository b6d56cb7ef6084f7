#!/usr/bin/env node
/** The process around a command: arguments, signals, closed pipes, exit status. */
import { readFileSync } from 'node:fs';
import type { CommandIo } from './command.ts';
import { dispatch } from './dispatch.ts';
import { abortOnSignals } from './signals.ts';

/** Somebody who reads our output went away (`| head`): there is nobody left to write for. */
function leaveWhenPipeCloses(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0);
      throw error;
    });
  }
}

function version(): string {
  const url = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(url, 'utf8')) as { version: string }).version;
}

const io: CommandIo = {
  stdout: process.stdout,
  stderr: process.stderr,
  get stdin() {
    return process.stdin; // opened by whoever asks for it, and not before
  },
  isTTY: process.stdout.isTTY === true,
  get columns() {
    return process.stdout.columns ?? 80;
  },
};

leaveWhenPipeCloses();
const signal = abortOnSignals(process, (line) => process.stderr.write(`${line}\n`));
const status = await dispatch(process.argv.slice(2), { io, env: process.env, signal, version: version() });
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(status);
