/** A real Prometheus (`PROMETHEUS`, else `prometheus` on the PATH) in a temporary folder. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from '../../deploy/kafka/free-ports.ts';

const run = promisify(execFile);

export const PROMETHEUS = process.env.PROMETHEUS || 'prometheus';

/** Why it cannot be started, or null. */
export async function prometheusMissing(): Promise<string | null> {
  return run(PROMETHEUS, ['--version']).then(
    () => null,
    (error: Error) => `${PROMETHEUS} does not run (${error.message}); install it or set PROMETHEUS`,
  );
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

export interface PrometheusServer {
  /** Every series of the expression over the last `seconds`, in steps of one second. */
  range(expression: string, seconds: number): Promise<readonly Series[]>;
  /** GET of an API path. @throws where the answer is no success */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Scrapes `target` every second. */
export async function startPrometheus(target: string): Promise<PrometheusServer> {
  const folder = await mkdtemp(join(tmpdir(), 'cpt-prometheus-'));
  const [port] = (await freePorts(1)) as [number];
  const config = join(folder, 'prometheus.yml');
  const scrape = { job_name: 'cpt-stream', static_configs: [{ targets: [target] }] };
  await writeFile(config, JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [scrape] })); // JSON is YAML
  const log = await open(join(folder, 'log'), 'w');
  const storage = join(folder, 'data');
  const child = spawn(
    PROMETHEUS,
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${storage}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    { stdio: ['ignore', log.fd, log.fd] },
  );
  await log.close();
  const killNow = (): void => void child.kill('SIGKILL');
  process.on('exit', killNow);
  const stop = async (): Promise<void> => {
    process.off('exit', killNow);
    if (isRunning(child)) {
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    }
    await rm(folder, { recursive: true, force: true });
  };
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    const response = await fetch(`${url}/-/ready`).catch(() => null);
    if (response?.ok) break;
    if (!isRunning(child) || tries > 300) {
      const text = await readFile(join(folder, 'log'), 'utf8');
      await stop();
      throw new Error(`Prometheus did not start: ${text.slice(-2000)}`);
    }
    await sleep(100);
  }

  const get = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(`${url}${path}`)).json()) as {
      status: string;
      error?: string;
      data: unknown;
    };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error}`);
    return answer.data;
  };
  return {
    get,
    async range(expression, seconds) {
      const end = Date.now() / 1000;
      const query = new URLSearchParams({
        query: expression,
        start: String(end - seconds),
        end: String(end),
        step: '1',
      });
      return ((await get(`/api/v1/query_range?${query}`)) as { result: Series[] }).result;
    },
    stop,
  };
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
