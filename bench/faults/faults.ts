/** What each kind of fault does; it resolves when the fault is over. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Broker } from '../../deploy/broker.ts';
import { kill } from '../../test/fixtures/processes.ts';
import type { FakeClock } from './clock.ts';
import type { Place } from './place.ts';
import type { Program } from './program.ts';
import type { Fault, Kind } from './schedule.ts';
import type { Topics } from './topic.ts';

export interface Stage {
  readonly program: Program;
  readonly broker: Broker;
  readonly topics: Topics;
  readonly place: Place;
  readonly clock: FakeClock | null;
  readonly topic: string;
  readonly group: string;
}

/** Seconds that the program's clock jumps; brokers refuse records that are more than an hour ahead. */
const JUMPS = [1800, -1800, 7200, -86_400];

const ACTS: Readonly<Record<Kind, (stage: Stage, size: number) => Promise<boolean>>> = {
  'parent killed': async ({ program }) => kill(program.pid),
  'trainer killed': async ({ program }) => kill(program.trainer),
  'both killed': async ({ program }) => {
    const { pid, trainer } = program;
    const killed = [kill(trainer), kill(pid)];
    return killed.some(Boolean);
  },
  'broker killed': async ({ broker }, size) => {
    await broker.kill!();
    await sleep(3000 * size);
    await broker.restart!();
    return true;
  },
  // a third of the times longer than the session timeout of 10 s
  'broker frozen': async ({ broker }, size) => {
    broker.freeze!();
    await sleep(2000 + 13_000 * size);
    broker.thaw!();
    return true;
  },
  'second member': async ({ topics, topic, group }, size) => {
    const consumer = topics.kafka.consumer({ groupId: group });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    await consumer.run({ autoCommit: false, eachMessage: async () => {} });
    await Promise.race([joined, sleep(20_000, undefined, { ref: false })]);
    await sleep(2000 * size);
    await consumer.disconnect();
    return true;
  },
  'disk full': async ({ program, place }, size) => {
    const { pid } = program;
    if (pid === undefined) return false;
    place.fill(pid);
    await sleep(2000 + 3000 * size);
    place.free();
    return true;
  },
  'clock jumps': async ({ clock }, size) => {
    if (clock === null) return false;
    clock.set(JUMPS[Math.floor(size * JUMPS.length)]!);
    await sleep(4000);
    clock.set(0);
    return true;
  },
};

/** @returns whether there was anything for it to hit */
export async function happen({ kind, wait, settled, size }: Fault, stage: Stage): Promise<boolean> {
  if (settled) await stage.program.settled();
  await sleep(1000 * wait);
  return ACTS[kind](stage, size);
}
