/** A broker and a filled topic for as long as something is done with them. */
import { cpus, loadavg } from 'node:os';
import { startBroker } from '../../deploy/broker.ts';
import { CptError } from '../../src/errors.ts';
import { dropTopic, fillTopic, type Topic } from './topic.ts';

export const SEED = '1';

/** Fills a topic, lets `use` have it, and takes it away. Where no broker can be had it says so and ends the process. */
export async function withTopic<T>(
  passages: number,
  bytes: number,
  use: (topic: Topic, how: string) => Promise<T>,
): Promise<T> {
  const broker = await startBroker().catch((error: unknown) => {
    if (!(error instanceof CptError)) throw error;
    console.error(error.toLine());
    process.exit(1);
  });
  const topic = { brokers: broker.brokers, topic: `cpt-bench-${process.pid}-${bytes}`, passages };
  try {
    await fillTopic(topic, SEED, bytes);
    return await use(topic, broker.how);
  } finally {
    await dropTopic(topic).catch(() => {});
    await broker.stop();
  }
}

/** For the head of a report, with how many processes wanted to run in the minute before, these among them. */
export function machine(how: string): string {
  const [first] = cpus();
  const kind = `${first!.model.trim()}, ${cpus().length} threads, Node ${process.versions.node}`;
  return `${kind}, load ${loadavg()[0]!.toFixed(0)}; broker: ${how}`;
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
