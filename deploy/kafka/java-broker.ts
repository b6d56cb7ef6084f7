/** A one-node Kafka broker (KRaft) on the local Java, in a temporary folder, on free loopback ports. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CptError } from '../../src/errors.ts';
import type { Broker } from '../broker.ts';
import { clusterId } from './cluster-id.ts';
import { freePorts } from './free-ports.ts';
import { brokerJars } from './jars.ts';

const run = promisify(execFile);
const START_TIMEOUT = 60_000; // ms; 3 s on an idle machine
const STOP_TIMEOUT = 15_000; // ms

export interface JavaBrokerOptions {
  /** Further listeners: name to security protocol (`SSL`, `SASL_SSL`, …). Each is reached as `localhost`. */
  readonly listeners?: Readonly<Record<string, string>>;
  /** Further lines of server.properties. */
  readonly properties?: Readonly<Record<string, string | number>>;
  /** `SCRAM-SHA-256=[name=ann,password=…]`, users that are there from the start. */
  readonly scram?: readonly string[];
}

export interface JavaBroker extends Broker {
  /** Ports of the further listeners. */
  readonly ports: Readonly<Record<string, number>>;
}

/**
 * Starts the broker and waits until it answers.
 * @throws CptError CPT_KAFKA where Java ≥ 17 or the jars are missing, or the broker does not come up
 */
export async function startJavaBroker(options: JavaBrokerOptions = {}): Promise<JavaBroker> {
  const java = await findJava();
  const classpath = join(await brokerJars(), '*'); // Java expands the `*`, no shell does
  const folder = await mkdtemp(join(tmpdir(), 'cpt-kafka-'));
  const names = Object.keys(options.listeners ?? {});
  const [port, controllerPort, ...more] = (await freePorts(2 + names.length)) as [number, number];
  const ports = Object.fromEntries(names.map((name, at) => [name, more[at]!]));
  const config = join(folder, 'server.properties');
  await writeFile(config, serverProperties(join(folder, 'data'), port, controllerPort, ports, options));
  let running: ChildProcess | undefined;
  const killNow = (): void => void running?.kill('SIGKILL');
  process.on('exit', killNow);

  const stopProcess = async (signal: NodeJS.Signals): Promise<void> => {
    const child = running;
    running = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT);
    await exited;
    clearTimeout(timer);
  };
  const stop = async (): Promise<void> => {
    process.off('exit', killNow);
    await stopProcess('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  };

  try {
    await run(java, [
      '-Xmx96m',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classpath,
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId(randomBytes(16)),
      '-c',
      config,
      ...(options.scram ?? []).flatMap((user) => ['--add-scram', user]),
    ]);
    running = await launch(java, classpath, config, join(folder, 'broker.log'));
  } catch (cause) {
    await stop();
    if (cause instanceof CptError) throw cause;
    throw new CptError('CPT_KAFKA', `The local Kafka broker did not start: ${(cause as Error).message}`, {
      cause,
    });
  }
  return {
    brokers: [`127.0.0.1:${port}`],
    how: 'local Java',
    ports,
    stop,
    freeze: () => void running?.kill('SIGSTOP'),
    thaw: () => void running?.kill('SIGCONT'),
    async kill() {
      await stopProcess('SIGKILL');
    },
    async restart() {
      await stopProcess('SIGTERM');
      running = await launch(java, classpath, config, join(folder, `broker-${Date.now()}.log`));
    },
  };
}

async function launch(java: string, classpath: string, config: string, log: string): Promise<ChildProcess> {
  const file = await open(log, 'w');
  // Its own process group: Ctrl-C goes to our process, which stops the broker when its clients are done.
  const child = spawn(
    java,
    [
      '-Xms64m',
      '-Xmx128m',
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '-cp',
      classpath,
      'kafka.Kafka',
      config,
    ],
    { stdio: ['ignore', file.fd, file.fd], detached: true },
  );
  await file.close();
  const deadline = Date.now() + START_TIMEOUT;
  while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
    if ((await readFile(log, 'utf8')).includes('Kafka Server started')) return child;
    await sleep(100);
  }
  child.kill('SIGKILL');
  const tail = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n');
  throw new CptError('CPT_KAFKA', `The local Kafka broker did not come up:\n${tail}`, { retryable: true });
}

/** `JAVA_HOME`'s Java, else the one on the PATH, when it is 17 or newer. */
async function findJava(): Promise<string> {
  const java = process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
  const hint = 'Install Java 17 or newer, or set KAFKA_BROKERS to a broker that runs.';
  let version: string;
  try {
    version = (await run(java, ['-version'])).stderr;
  } catch (cause) {
    throw new CptError('CPT_KAFKA', `No Java was found to run a Kafka broker (${java}).`, { hint, cause });
  }
  const major = Number(/version "(\d+)/.exec(version)?.[1] ?? 0);
  if (major < 17) {
    throw new CptError('CPT_KAFKA', `Java ${major} is too old for a Kafka broker (${java}).`, { hint });
  }
  return java;
}

/** One node that is broker and controller, small, quick to come back; topics are made by who needs them. */
function serverProperties(
  data: string,
  port: number,
  controllerPort: number,
  ports: Readonly<Record<string, number>>,
  { listeners = {}, properties = {} }: JavaBrokerOptions,
): string {
  const own = { ...listeners, PLAINTEXT: 'PLAINTEXT', CONTROLLER: 'PLAINTEXT' };
  const places = (host: string) => Object.entries(ports).map(([name, at]) => `,${name}://${host}:${at}`);
  return `${Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${places('127.0.0.1').join('')}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}${places('localhost').join('')}`,
    'listener.security.protocol.map': Object.entries(own).map((pair) => pair.join(':')),
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': data,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
    'auto.create.topics.enable': false,
    'broker.session.timeout.ms': 2000, // after SIGKILL it is back in 4 to 8 s
    'log.cleaner.dedupe.buffer.size': 4194304, // the default of 128 MB does not fit the heap
    ...properties,
  })
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}
