/** Runs one of the Python scripts of this folder. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The script did not do its work; the message is what a person should read. */
export class PythonFailed extends Error {}

/** @throws PythonFailed with the last line of what it complained about */
export async function runScript(python: string, script: string, args: readonly string[]): Promise<void> {
  const file = fileURLToPath(new URL(script, import.meta.url));
  // nothing is fetched: everything that is compared lies on this machine
  const env = { ...process.env, HF_HUB_OFFLINE: '1', HF_HUB_DISABLE_PROGRESS_BARS: '1' };
  const child = spawn(python, ['-B', file, ...args], { stdio: ['ignore', 'ignore', 'pipe'], env });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const ended = await new Promise<string | number>((resolve, reject) => {
    child.once('error', (error) => reject(new PythonFailed(`${python} does not start: ${error.message}`)));
    child.once('close', (code, signal) => resolve(signal ?? code ?? -1));
  });
  if (ended === 0) return;
  const last = complaint.trim().split('\n').at(-1) ?? '';
  throw new PythonFailed(`${script} ended with ${ended}: ${last}\nIt needs: pip install torch transformers`);
}
