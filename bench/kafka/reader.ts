/** One reader in a process of its own: `reader.ts bare|ours`, its input as JSON on standard input, the result on output. */
import { text } from 'node:stream/consumers';
import type { Measured } from './measured.ts';
import type { Reader, ReaderInput } from './start-reader.ts';

const input: ReaderInput = JSON.parse(await text(process.stdin));
process.stdout.write(JSON.stringify(await read(process.argv[2] as Reader)));

/** Only what is read with is loaded. */
async function read(reader: Reader): Promise<Measured> {
  if (reader === 'bare') return (await import('./bare.ts')).readBare(input);
  return (await import('./ours.ts')).readOurs(input);
}
