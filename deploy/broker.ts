/**
 * A real Kafka broker for tests and for trying things out. The first of these that works:
 * 1. `KAFKA_BROKERS` (comma-separated `host:port`): a broker that runs already; it is not stopped;
 * 2. a container, where a Docker engine answers;
 * 3. the broker's jars (through Maven, cached) on the local Java ≥ 17.
 *
 * As a script it starts one, prints its address and keeps it until interrupted:
 * `node --import tsx deploy/broker.ts`.
 */
import { fileURLToPath } from 'node:url';
import { CptError } from '../src/errors.ts';
import { startContainerBroker } from './kafka/container-broker.ts';
import { startJavaBroker } from './kafka/java-broker.ts';

export interface Broker {
  /** `host:port` each. */
  readonly brokers: string[];
  /** Where it came from, for a person. */
  readonly how: string;
  /** Stops what was started and removes its data. */
  stop(): Promise<void>;
  /** Stops and starts it again with its data; absent where it is not ours to restart. */
  restart?(): Promise<void>;
  /** Takes it down without a chance to say goodbye; `restart` brings it back. */
  kill?(): Promise<void>;
  /** Stops it in its tracks: connections stay open and nothing answers, until `thaw`. */
  freeze?(): void;
  thaw?(): void;
}

export interface StartBrokerOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Start one of our own even if `KAFKA_BROKERS` is set, for tests that restart it. */
  readonly own?: boolean;
}

/** @throws CptError CPT_KAFKA naming what each of the ways lacks */
export async function startBroker(options: StartBrokerOptions = {}): Promise<Broker> {
  const listed = (options.env ?? process.env).KAFKA_BROKERS;
  if (listed && !options.own) {
    const brokers = listed.split(',').map((broker) => broker.trim());
    return { brokers, how: 'KAFKA_BROKERS', stop: async () => {} };
  }
  const missing: string[] = ['KAFKA_BROKERS is not set.'];
  for (const start of [startContainerBroker, startJavaBroker]) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof CptError)) throw error;
      missing.push(error.message);
    }
  }
  throw new CptError('CPT_KAFKA', `No Kafka broker can be started. ${missing.join(' ')}`, {
    hint: 'Set KAFKA_BROKERS, start Docker, or install Java 17 and Maven.',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const broker = await startBroker();
    console.log(`${broker.brokers.join(',')} (${broker.how}); Ctrl-C stops it`);
    const alive = setInterval(() => {}, 60_000);
    const end = async (): Promise<void> => {
      clearInterval(alive);
      await broker.stop();
    };
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  } catch (error) {
    console.error(error instanceof CptError ? error.toLine() : error);
    process.exitCode = 1;
  }
}
