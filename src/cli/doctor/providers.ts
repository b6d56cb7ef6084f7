/** Tries the engine's providers in a child process, since a native library may end the process it is in. */
import { fork } from 'node:child_process';
import type { ProviderProbe } from '../../engine/index.ts';

const PROBE_MS = 120_000;

/** @throws Error where the child ended without an answer */
export function probeInChild(): Promise<readonly ProviderProbe[]> {
  const source = import.meta.url.endsWith('.ts');
  const entry = new URL(source ? './probe.ts' : './probe.js', import.meta.url);
  const execArgv = source ? ['--import', import.meta.resolve('tsx')] : [];
  return new Promise((resolve, reject) => {
    // Native libraries report to standard error what the probes then tell in one line each.
    const child = fork(entry, { execArgv, stdio: 'ignore', timeout: PROBE_MS });
    let answer: readonly ProviderProbe[] | undefined;
    child.once('message', (probes) => {
      answer = probes as ProviderProbe[];
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (answer !== undefined) resolve(answer);
      else reject(new Error(`the probe of the engine ended without an answer (${signal ?? code})`));
    });
  });
}
