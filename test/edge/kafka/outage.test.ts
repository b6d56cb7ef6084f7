/** What a run does while the broker that it sends to is away: its own broker, killed and started again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastValueFrom, tap } from 'rxjs';
import { startBroker } from '../../../deploy/broker.ts';
import { pipeline } from '../../../pipelines/cpt.ts';
import type { FeedRecord } from '../../../src/edge/feed/feed.ts';
import { openDeadLetterTopic } from '../../../src/edge/kafka/dead-letters.ts';
import { openKafkaFeed } from '../../../src/edge/kafka/feed.ts';
import { openKafkaPublisher } from '../../../src/edge/kafka/publisher.ts';
import type { CptEvent, SendingHeld } from '../../../src/events.ts';
import { folder, memoryFeed, open, recordingTrainer, type Trained } from '../../pipelines/opened.ts';
import { withBroker } from './with-broker.ts';

const under = withBroker();

const passage = (at: number, domain: string): FeedRecord => {
  const bytes = Buffer.from(`passage ${at} of ${domain}`);
  return { bytes, size: bytes.length, position: `memory:${at}`, domain };
};
const bad: FeedRecord = { bytes: Uint8Array.of(0xff), size: 1, position: 'memory:bad' };

async function readAll(brokers: string[], topic: string): Promise<Buffer[]> {
  const feed = await openKafkaFeed({ brokers, topic, untilEnd: true })(null);
  const all: Buffer[] = [];
  for (let batch = await feed.read(); batch; batch = await feed.read()) {
    all.push(...batch.records.map(({ bytes }) => Buffer.from(bytes!)));
  }
  await feed.close();
  return all;
}

test('a broker that is away holds no training up; a dead letter that it does not take holds the feed back', async (t) => {
  if (!under.broker(t)) return;
  const broker = await startBroker({ own: true });
  try {
    if (broker.kill === undefined) return t.skip(`a broker of ${broker.how} cannot be killed`);
    const connection = { brokers: broker.brokers };
    const topics = { checkpoints: 'checkpoints', events: 'events' };
    const publisher = await openKafkaPublisher({ ...connection, topics });
    const clock = () => performance.now() / 1000;
    const options = { ...connection, topic: 'letters', lineage: 'l', fileBytes: 0, now: () => 0, clock };
    const deadLetters = await openDeadLetterTopic(options);
    const names = ['kitchen', 'sea', 'garden'];
    const before = names.flatMap((domain, n) =>
      Array.from({ length: 40 }, (_, k) => passage(40 * n + k, domain)),
    );
    const after = Array.from({ length: 40 }, (_, k) => passage(120 + k, 'road'));
    const done: Trained[] = [];
    const source = memoryFeed([...before, ...after.slice(0, 10), bad, ...after.slice(10)], 0);
    const { run, state, close } = await open(folder(), [], {
      feed: source,
      trainer: recordingTrainer(done),
      deadLetters,
      publish: (event, id) => publisher.send({ ...event, id }),
      clock,
    });
    await broker.kill!();
    const held: SendingHeld[] = [];
    let restarting: Promise<void> | undefined;
    let reads = 0;
    const watch = (event: CptEvent): void => {
      if (event.event !== 'SendingHeld') return;
      held.push(event);
      const both = new Set(held.map(({ of }) => of)).size === 2;
      if (!both || restarting !== undefined || done.length < 3) return;
      reads = source.reads; // the batch with the bad record waits; nothing behind it is read
      assert.ok(state.counts.accepted < 140);
      restarting = broker.restart!().then(() => assert.equal(source.reads, reads));
    };
    await lastValueFrom(pipeline(run).pipe(tap(watch)), { defaultValue: undefined });
    await restarting;
    assert.equal(done.length, 4);
    assert.equal(state.counts.accepted, 160);
    assert.deepEqual(state.outgoing(), []);
    for (const of of ['dead_letters', 'events']) {
      const last = held.findLast((event) => event.of === of)!;
      assert.deepEqual([last.waiting, last.message], [0, null]);
    }
    const ids = (await readAll(broker.brokers, 'checkpoints')).map((bytes) => JSON.parse(bytes.toString()));
    const first = ids.filter(({ id }, at) => ids.findIndex((other) => other.id === id) === at);
    assert.deepEqual(
      first.map(({ data }) => data.domain),
      done.map(({ domain }) => domain),
    );
    assert.deepEqual(new Set((await readAll(broker.brokers, 'letters')).map(String)), new Set(['\ufffd']));
    await close();
    await publisher.close();
    await deadLetters.close();
  } finally {
    await broker.stop();
  }
});
