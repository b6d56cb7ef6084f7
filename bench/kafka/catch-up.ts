/**
 * Catching up on a backlog beside a process that computes as a trainer does:
 *
 *   node --import tsx bench/kafka/catch-up.ts [--passages 50000] [--bytes 500] [--write]
 *
 * Whether training goes on, whether the event loop turns, whether the group keeps its member. `--write` puts
 * catch-up.md in place.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { BRIEF, kafkaClient } from '../../src/edge/kafka/client.ts';
import { startBusy } from './busy.ts';
import type { Measured } from './measured.ts';
import { startReader } from './start-reader.ts';
import type { Topic } from './topic.ts';
import { machine, withTopic } from './with-topic.ts';

const { values: flags } = parseArgs({
  options: {
    passages: { type: 'string', default: '50000' },
    bytes: { type: 'string', default: '500' },
    write: { type: 'boolean', default: false },
  },
});
const [passages, bytes] = [Number(flags.passages), Number(flags.bytes)];
const ALONE_MS = 5000;
const LOOK_MS = 250;
const GROUP = 'cpt-stream-bench';

const report = await withTopic(passages, bytes, async (topic, how) => {
  const alone = startBusy();
  await sleep(ALONE_MS);
  const before = await alone.stop();
  const beside = startBusy();
  const reading = startReader('ours', { ...topic, every: passages });
  const members = await watchGroup(topic, reading);
  const measured = await reading;
  return told(measured, (await beside.stop()) / before, members, machine(how));
});
process.stdout.write(report);
if (flags.write) writeFileSync(new URL('./catch-up.md', import.meta.url), report);

interface Members {
  readonly looks: number;
  /** Looks that found the group stable with its one member. */
  readonly stable: number;
  readonly ids: ReadonlySet<string>;
}

/** From the first member on, while it reads. */
async function watchGroup({ brokers }: Topic, reading: Promise<unknown>): Promise<Members> {
  const admin = kafkaClient({ brokers }, BRIEF).admin();
  await admin.connect();
  const ids = new Set<string>();
  const looks: string[] = [];
  let ended = false;
  const end = (): void => {
    ended = true;
  };
  reading.then(end, end);
  while (!ended) {
    const [group] = (await admin.describeGroups([GROUP])).groups;
    if (!ended && group!.members.length > 0) {
      for (const { memberId } of group!.members) ids.add(memberId);
      looks.push(group!.state);
    }
    await sleep(LOOK_MS);
  }
  await admin.disconnect();
  return { looks: looks.length, stable: looks.filter((state) => state === 'Stable').length, ids };
}

function told(measured: Measured, share: number, { looks, stable, ids }: Members, where: string): string {
  const { seconds, delay } = measured;
  return `# Catching up on ${passages.toLocaleString('en')} passages of ${bytes} bytes

\`node --import tsx bench/kafka/catch-up.ts --passages ${passages}\`, ${where}.
The reader of \`bench/kafka/run.ts\` beside a process of one thread that computes all the time, as a trainer would.

- Caught up in ${seconds.toFixed(1)} s, ${Math.round(passages / seconds).toLocaleString('en')} passages/s.
- The other process did ${(100 * share).toFixed(0)} % of what it does alone in the same time.
- Event loop's delay: p99 ${Math.round(delay.p99)} ms, ${Math.round(delay.most)} ms at most; the broker waits 10,000 ms for a heartbeat.
- Group: looked at ${looks} times, ${stable} times stable, ${ids.size} member in all.
`;
}
