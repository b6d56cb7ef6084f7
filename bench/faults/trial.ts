/** One run with faults, from the empty topic to the verdict. */
import fs from 'node:fs';
import path from 'node:path';
import { startBroker } from '../../deploy/broker.ts';
import { tinyFlags, writeTinyBase } from '../../test/fixtures/tiny-base.ts';
import { openClock } from './clock.ts';
import { happen, type Stage } from './faults.ts';
import { numbered } from './numbered.ts';
import { openPlace } from './place.ts';
import { Program } from './program.ts';
import { KINDS, type Kind, scheduleOf } from './schedule.ts';
import { Topics } from './topic.ts';
import { type Verdict, verdictOf } from './verdict.ts';

export interface TrialOptions {
  readonly seed: string;
  /** Of the texts, so that runs with other faults have the same. */
  readonly texts: string;
  readonly passages: number;
  readonly partitions: number;
  readonly faults: number;
  readonly say: (line: string) => void;
}

/** A fault that finds nothing, a trainer that is just gone for example, is made again. */
const TRIES = 10;

export interface Trial {
  readonly verdict: Verdict;
  readonly happened: Readonly<Record<string, number>>;
  readonly exits: Readonly<Record<string, number>>;
  readonly starts: number;
  readonly seconds: number;
  readonly disk: string;
  readonly clock: string;
}

export async function trial(options: TrialOptions): Promise<Trial> {
  const { seed, texts, passages, partitions, faults, say } = options;
  const begun = performance.now();
  const place = openPlace();
  const broker = await startBroker({ own: true });
  const topics = new Topics(broker.brokers);
  const names = { topic: 'numbers', dead: 'numbers-dead', group: 'cpt-faults' };
  const clock = openClock(place.folder);
  const at = (name: string): string => path.join(place.folder, name);
  const log = at('program.log');
  const [host] = broker.brokers;
  const program = new Program({
    command: [
      ...['--import', 'tsx', 'src/cli/main.ts', 'run', '--lineage', 'faults', '--log-level', 'error'],
      ...['--feed', `kafka://${host}/${names.topic}?group=${names.group}`],
      ...['--dead-letters', `kafka://${host}/${names.dead}`, '--events', `kafka://${host}`],
      ...[
        '--base',
        at('base'),
        '--state',
        path.join(place.disk, 'state'),
        '--out',
        path.join(place.disk, 'out'),
      ],
      ...['--save-every', '1', ...tinyFlags],
    ],
    env: { ...process.env, ...clock?.env, CPT_TRACE_JOBS: at('traces') },
    log,
  });
  program.onExit = async (code) => {
    say(`  it ended with ${code}`);
    if (code === 'CPT_DISK_FULL') place.free();
  };
  const happened: Record<string, number> = {};
  try {
    writeTinyBase(at('base'));
    fs.mkdirSync(at('traces'));
    await topics.open({ [names.topic]: partitions, [names.dead]: 1, 'cpt.checkpoints': 1, 'cpt.events': 1 });
    const stage: Stage = { program, broker, topics, place, clock, ...names };
    const missing: readonly Kind[] = [
      ...(clock === null ? (['clock jumps'] as const) : []),
      ...(broker.freeze === undefined ? (['broker frozen'] as const) : []),
      ...(broker.kill === undefined ? (['broker killed'] as const) : []),
    ];
    const kinds = KINDS.filter((kind) => !missing.includes(kind));
    if (missing.length > 0) say(`cannot be made here: ${missing.join(', ')}`);
    const schedule = scheduleOf(seed, faults, kinds);
    let sent = 0;
    const send = async (until: number): Promise<void> => {
      await topics.send(names.topic, numbered(texts, sent, until, partitions));
      sent = until;
    };
    if (faults > 0) program.start();
    for (const [number, fault] of schedule.entries()) {
      await send(Math.floor((passages * (number + 1)) / faults));
      let hit = false;
      for (let tries = 0; !hit && tries < TRIES; tries++) {
        hit = await happen(fault, stage);
        program.check();
      }
      if (hit) happened[fault.kind] = (happened[fault.kind] ?? 0) + 1;
      const time = Math.round((performance.now() - begun) / 1000);
      say(`${time} s: ${number + 1} of ${faults}: ${fault.kind}${hit ? '' : ' (nothing was there)'}`);
    }
    await send(passages);
    if (faults > 0) await program.stop();
    say('no more faults; reading and training to the end');
    program.start(['--once']);
    await program.done();
    const inTopic = await topics.count(names.topic);
    if (inTopic !== passages) throw new Error(`the topic holds ${inTopic} records, not ${passages}`);
    const verdict = verdictOf({
      count: passages,
      lineage: path.join(place.disk, 'out', 'faults'),
      traces: at('traces'),
      letters: await topics.read(names.dead),
      events: await topics.read('cpt.checkpoints'),
    });
    const seconds = (performance.now() - begun) / 1000;
    const { exits, starts } = program;
    const clockHow = clock === null ? 'no libfaketime' : 'libfaketime';
    return { verdict, happened, exits, starts, seconds, disk: place.how, clock: clockHow };
  } catch (error) {
    const kept = path.join(process.env.CPT_FAULTS_KEEP ?? '', `faults-${seed}.log`);
    if (process.env.CPT_FAULTS_KEEP !== undefined && fs.existsSync(log)) fs.copyFileSync(log, kept);
    throw error;
  } finally {
    program.killNow();
    await topics.close().catch(() => {});
    await broker.stop();
    place.remove();
  }
}
