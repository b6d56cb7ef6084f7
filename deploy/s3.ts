/**
 * A real S3 server for tests and for trying things out: the one that `CPT_TEST_S3` names (`http://host:port`, which
 * is not stopped), else moto's, in memory, on the local Python.
 *
 * As a script it starts one, prints its address and keeps it until interrupted: `node --import tsx deploy/s3.ts`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CptError } from '../src/errors.ts';
import { serverPython } from './s3/python.ts';

const SERVE = fileURLToPath(new URL('s3/serve.py', import.meta.url));

export interface S3Server {
  readonly endpoint: string;
  /** What a client's environment needs; anything goes with moto's. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** @throws CptError CPT_STORE naming what lacks */
export async function startS3(env: NodeJS.ProcessEnv = process.env): Promise<S3Server> {
  const keys = {
    AWS_ACCESS_KEY_ID: env.AWS_ACCESS_KEY_ID ?? 'test',
    AWS_SECRET_ACCESS_KEY: env.AWS_SECRET_ACCESS_KEY ?? 'test',
  };
  if (env.CPT_TEST_S3) return { endpoint: env.CPT_TEST_S3, env: keys, stop: async () => {} };
  const python = await serverPython(env);
  const server = spawn(python, [SERVE], { stdio: ['ignore', 'pipe', 'pipe'] });
  let errors = '';
  server.stderr.on('data', (data) => {
    errors = `${errors}${data}`.slice(-2000);
  });
  const ended = once(server, 'exit');
  const port = await Promise.race([
    once(server.stdout, 'data').then(([data]) => Number(String(data).trim())),
    ended.then(() => Number.NaN),
  ]);
  if (!Number.isInteger(port)) {
    throw new CptError('CPT_STORE', `The S3 server did not start: ${errors.trim().split('\n').at(-1)}.`);
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    env: keys,
    stop: async () => {
      server.kill('SIGKILL'); // its objects are in memory
      await ended;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const server = await startS3();
    console.log(`${server.endpoint}; Ctrl-C stops it`);
    const alive = setInterval(() => {}, 60_000);
    const end = async (): Promise<void> => {
      clearInterval(alive);
      await server.stop();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  } catch (error) {
    console.error(error instanceof CptError ? error.toLine() : error);
    process.exitCode = 1;
  }
}
