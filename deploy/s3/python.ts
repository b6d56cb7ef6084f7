/** The Python of the S3 server: made once by venv and pip, kept in a cache folder. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CptError } from '../../src/errors.ts';

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));
const run = promisify(execFile);

/** `CPT_S3_CACHE`, else `cpt-stream/s3` in the user's cache folder. */
function cacheIn(env: NodeJS.ProcessEnv): string {
  return env.CPT_S3_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cpt-stream', 's3');
}

/**
 * A Python interpreter that has the server's packages (about 100 MB, a quarter of a minute).
 * @throws CptError CPT_STORE where Python lacks or pip cannot fetch
 */
export async function serverPython(env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const wanted = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  const cache = cacheIn(env);
  const folder = join(cache, wanted.slice(0, 12));
  const python = join(folder, 'bin', 'python');
  if (await isThere(python)) return python;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, 'partial-'));
  const pip = [
    '-m',
    'pip',
    'install',
    '-q',
    '--no-compile',
    '--disable-pip-version-check',
    '-r',
    REQUIREMENTS,
  ];
  try {
    await run('python3', ['-m', 'venv', partial]);
    await run(join(partial, 'bin', 'python'), pip, { timeout: 300_000 });
    await rename(partial, folder);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    if (await isThere(python)) return python; // another process was first
    const { stderr, message } = cause as { stderr?: string; message: string };
    const detail = (stderr?.trim().split('\n').at(-1) || message).slice(0, 300);
    throw new CptError('CPT_STORE', `The S3 server could not be installed: ${detail}.`, {
      hint: 'Install python3 with venv and pip, or set CPT_TEST_S3 to a server that runs.',
      cause,
    });
  }
  return python;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
