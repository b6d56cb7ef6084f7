/** Looks at the machine: disks, ports, other programs. */
import { execFile } from 'node:child_process';
import { access, constants, statfs } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import type { Check } from '../doctor.ts';
import { bytes } from '../format.ts';

/** Below it a lineage of a few domains may not fit. */
const DISK_LEAST = 500e6;
const PROGRAM_MS = 5000;

/** Room and permission where a folder is, or will be made. */
export async function diskCheck(name: string, folder: string): Promise<Check> {
  try {
    const place = await nearestFolder(folder);
    await access(place, constants.W_OK);
    const { bavail, bsize } = await statfs(place);
    const free = bavail * bsize;
    if (free >= DISK_LEAST) return { name, standing: 'ok', detail: `${folder}: ${bytes(free)} free` };
    return { name, standing: 'note', detail: `${folder}: only ${bytes(free)} free` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { name, standing: 'missing', detail: `${folder} cannot be written (${code})` };
  }
}

/** The folder, or the one that it will be made in. */
export async function nearestFolder(folder: string): Promise<string> {
  let place = path.resolve(folder);
  while (!(await exists(place)) && path.dirname(place) !== place) place = path.dirname(place);
  return place;
}

async function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

/** Whether the port of the metrics is free. */
export async function portCheck(host: string, port: number | 'off'): Promise<Check> {
  const name = 'metrics port';
  if (port === 'off') return { name, standing: 'ok', detail: 'off' };
  if (port === 0) return { name, standing: 'ok', detail: 'any free one' };
  const server = net.createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    return { name, standing: 'ok', detail: `${host}:${port} is free` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const detail = `${host}:${port} cannot be listened on (${code}); give another with --port`;
    return { name, standing: 'missing', detail };
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** What a program says about its version, its first line; null where it does not run or answers with an error. */
export function programCheck(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: PROGRAM_MS, env: { ...env } }, (error, stdout, stderr) => {
      const line = `${stdout}\n${stderr}`.split('\n').find((text) => text.trim() !== '');
      resolve(error === null ? (line?.trim() ?? program) : null);
    });
  });
}
