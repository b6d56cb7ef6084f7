/** A command's surroundings in memory. */
import { Readable, Writable } from 'node:stream';
import type { Host } from '../../src/cli/dispatch.ts';

export interface FakeHost extends Host {
  out(): string;
  err(): string;
}

export interface FakeHostOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Called with each text that goes to standard output. */
  readonly onOut?: (text: string) => void;
}

export function fakeHost({ stdin = '', env = {}, signal, onOut }: FakeHostOptions = {}): FakeHost {
  const written = { out: '', err: '' };
  const sink = (key: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[key] += String(chunk);
        if (key === 'out') onOut?.(String(chunk));
        done();
      },
    });
  return {
    io: {
      stdout: sink('out'),
      stderr: sink('err'),
      stdin: Readable.from(stdin === '' ? [] : [Buffer.from(stdin)]),
      isTTY: false,
      columns: 80,
    },
    env,
    signal: signal ?? new AbortController().signal,
    version: '1.2.3',
    out: () => written.out,
    err: () => written.err,
  };
}
