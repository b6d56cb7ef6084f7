/** The jars of an Apache Kafka broker: fetched once through Maven, kept in a cache folder. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { CptError } from '../../src/errors.ts';

const POM = fileURLToPath(new URL('pom.xml', import.meta.url));
const run = promisify(execFile);

/** `CPT_KAFKA_CACHE`, else `cpt-stream/kafka` in the user's cache folder. */
export function jarCache(env: NodeJS.ProcessEnv = process.env): string {
  return env.CPT_KAFKA_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'cpt-stream', 'kafka');
}

/**
 * The folder with the broker's jars. The first call runs Maven (about 45 MB); the folder appears under its name
 * only when it is complete, so that calls at the same time do not meet half of it.
 * @throws CptError CPT_KAFKA where Maven is missing or cannot fetch
 */
export async function brokerJars(cache: string = jarCache()): Promise<string> {
  const version = /<kafka\.version>([^<]+)</.exec(await readFile(POM, 'utf8'))?.[1];
  if (version === undefined) throw new CptError('CPT_KAFKA', 'deploy/kafka/pom.xml names no kafka.version.');
  const jars = join(cache, version);
  if (await isFolder(jars)) return jars;
  await mkdir(cache, { recursive: true });
  const partial = await mkdtemp(join(cache, 'partial-'));
  try {
    await run(
      'mvn',
      ['-B', '-q', '-f', POM, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`],
      {
        timeout: 300_000,
      },
    );
    await rename(partial, jars);
  } catch (cause) {
    await rm(partial, { recursive: true, force: true });
    if (await isFolder(jars)) return jars; // another process was first
    const detail =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'mvn is not on the PATH' : lastLine(cause);
    throw new CptError('CPT_KAFKA', `Maven could not fetch the broker's jars: ${detail}.`, {
      hint: 'Install Maven, or set KAFKA_BROKERS to a broker that runs.',
      retryable: true,
      cause,
    });
  }
  return jars;
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (s) => s.isDirectory(),
    () => false,
  );
}

function lastLine(error: unknown): string {
  const { stdout, message } = error as { stdout?: string; message: string };
  const errors = (stdout ?? '').split('\n').filter((line) => line.includes('ERROR'));
  return (errors[0] ?? message).trim().slice(0, 300);
}
