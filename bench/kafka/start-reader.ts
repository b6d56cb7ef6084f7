/** Lets a reader read a topic in a process of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Measured } from './measured.ts';
import type { Topic } from './topic.ts';

export type Reader = 'bare' | 'ours';

export interface ReaderInput extends Topic {
  /** Passages between two looks at the memory. */
  readonly every: number;
}

const READER = fileURLToPath(new URL('./reader.ts', import.meta.url));

export async function startReader(reader: Reader, input: ReaderInput): Promise<Measured> {
  const argv = ['--import', 'tsx', READER, reader];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(input));
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (status !== 0) throw new Error(`The reader ${reader} ended with ${status}.`);
  return JSON.parse(output) as Measured;
}
