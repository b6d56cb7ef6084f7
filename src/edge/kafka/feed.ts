/** Kafka topics as a feed: pulled, bounded, and read on from offsets that the reader keeps itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaMessage } from 'kafkajs';
import { CptError } from '../../errors.ts';
import type { LostRecords } from '../../events.ts';
import type { Feed, FeedBatch, FeedRecord, OpenFeed } from '../feed/feed.ts';
import { kafkaClient, kafkaError, PATIENT } from './client.ts';
import { Cluster } from './cluster.ts';
import { Committer } from './committer.ts';
import { runConsumer } from './consumer.ts';
import type { RunningConsumer } from './consumer-options.ts';
import type { KafkaFeedOptions } from './feed-options.ts';
import { HandOff } from './hand-off.ts';
import type { Place } from './place.ts';
import { portions } from './portions.ts';
import { lagOf, type Mark, reached, startPositions } from './positions.ts';
import { toRecord } from './record.ts';
import { titleOf } from './selection.ts';
import { Whereabouts } from './whereabouts.ts';

export type { KafkaFeedOptions } from './feed-options.ts';

interface Chunk {
  readonly place: Place;
  readonly records: readonly FeedRecord[];
  readonly next: bigint;
  readonly lost?: LostRecords;
}

const MARKS_EVERY = 2000; // ms
const LAST_COMMIT = 2000; // ms that closing waits for it
const RECORD_BYTES = 64; // what a record takes beside its payload, roughly: tombstones are not free

/**
 * Delivery: every record at or after the given offsets exactly once, in offset order within each partition, as
 * long as the reader stores a batch's `offsets` together with what it makes of the batch. Offsets are committed
 * to Kafka when the next batch is asked for, as that tells that the one before is durable; nothing depends on it.
 *
 * Opening throws CptError CPT_KAFKA where no broker answers, a topic does not exist, or the offsets are not in it
 * (any more); CPT_STATE where they are not offsets of a Kafka feed.
 */
export function openKafkaFeed(options: KafkaFeedOptions): OpenFeed {
  return async (from) => {
    const { topic, onLost = 'fail' } = options;
    let cluster: Cluster | undefined;
    try {
      cluster = await Cluster.connect(options);
      const partitions = await cluster.firstPartitions();
      const marks = await cluster.marks(partitions.keys());
      const start = startPositions(from, marks, onLost, typeof topic === 'string' ? topic : null);
      const feed = new KafkaFeed(options, new Whereabouts(options, cluster, { partitions, marks, ...start }));
      await feed.start();
      return feed;
    } catch (error) {
      await cluster?.close();
      throw kafkaError(`Topic ${titleOf(topic)} cannot be read`, error);
    }
  };
}

class KafkaFeed implements Feed {
  readonly #options: KafkaFeedOptions;
  readonly #at: Whereabouts;
  readonly #ends: Map<Place, Mark> | null;
  /** Next offset after what `read` gave. */
  readonly #given: Map<Place, bigint>;
  readonly #limit: number;
  readonly #queue: HandOff<Chunk>;
  readonly #committer: Committer;
  #consumer: RunningConsumer | undefined;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: KafkaFeedOptions, at: Whereabouts) {
    this.#options = options;
    this.#at = at;
    this.#ends = options.untilEnd ? new Map(at.marks) : null;
    this.#given = new Map(at.next);
    this.#limit = options.maxBytesInFlight ?? 8 << 20;
    this.#queue = new HandOff(this.#limit);
    this.#committer = new Committer(options.logger);
  }

  async start(): Promise<void> {
    const { topic, logger, sessionTimeoutMs = 10_000, lookEveryMs = 10_000 } = this.#options;
    const title = titleOf(topic);
    const group = this.#options.group ?? `cpt-stream-${title}`;
    const at = this.#at;
    at.onLost = (place, lost) => this.#passOver(place, lost);
    this.#consumer = await runConsumer({
      kafka: kafkaClient(this.#options, PATIENT),
      title,
      topics: () => [...at.partitions.keys()],
      group,
      sessionTimeoutMs,
      logger,
      next: at.next,
      onHigh: (place, high) => at.setHigh(place, high),
      onMessages: (place, messages, after) => this.#take(place, messages, after),
      onSkip: (place, next) => this.#enqueue({ place, records: [], next }, 0),
      onJump: (place) => at.check(place),
      onAssigned: (places) => {
        if (places.length >= at.places) return;
        const text = `Another member of group ${group} reads a part of ${title}.`;
        logger?.warn({ topic: title, group, assigned: places }, text);
        // A live feed reads what it has and the rest when the other has gone; this one would never end.
        const hint = 'Stop it, or give each lineage its own group (?group=name).';
        if (this.#ends) this.#queue.fail(new CptError('CPT_KAFKA', text, { hint, retryable: true }));
      },
      onFailure: (error) => this.#queue.fail(error),
    });
    this.#every(MARKS_EVERY, () => at.refresh());
    if (this.#ends) return;
    this.#every(lookEveryMs, async () => {
      if (await at.look()) await this.#consumer?.restart();
    });
  }

  async read(): Promise<FeedBatch | null> {
    this.#committer.commit(this.#consumer, this.#given);
    const lost = this.#at.takeFirstLost();
    if (lost.length > 0) return this.#batch([], lost);
    if (this.#ends && reached(this.#given, this.#ends)) return null;
    const chunk = await this.#queue.take(this.#options.idleMs ?? 1000);
    if (chunk === undefined && this.#queue.closed) return null;
    if (this.#queue.size <= this.#limit / 2) this.#consumer?.resume();
    if (chunk) this.#given.set(chunk.place, chunk.next);
    return this.#batch(chunk?.records ?? [], chunk?.lost ? [chunk.lost] : []);
  }

  async close(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    this.#queue.close();
    // A commit that is refused for ever, of a topic that is gone, must not hold us.
    await Promise.race([this.#committer.settled(), sleep(LAST_COMMIT, undefined, { ref: false })]);
    await this.#consumer?.stop().catch(() => {});
    await this.#at.close();
  }

  #batch(records: readonly FeedRecord[], lost: readonly LostRecords[]): FeedBatch {
    return {
      records,
      offsets: this.#at.offsetsFrom(this.#given),
      lag: lagOf(this.#given, this.#at.marks),
      ...(lost.length === 0 ? {} : { lost }),
    };
  }

  /** Does it again and again; what fails for good is told to the reader, an outage is waited out. */
  #every(milliseconds: number, work: () => Promise<void>): void {
    let running = false;
    const turn = async (): Promise<void> => {
      if (running || this.#queue.closed) return;
      running = true;
      try {
        await work();
      } catch (error) {
        if (error instanceof CptError && !error.retryable) this.#queue.fail(error);
        else
          this.#options.logger?.debug({ error: String(error) }, 'kafka: the topics could not be looked at');
      } finally {
        running = false;
      }
    };
    this.#timers.push(setInterval(() => void turn(), milliseconds).unref());
  }

  #take(place: Place, messages: readonly KafkaMessage[], after: bigint): number {
    if (this.#queue.closed) return 0;
    const room = this.#limit - this.#queue.size;
    const end = this.#ends?.get(place)?.high;
    let taken = 0;
    for (const { items, bytes } of portions(messages, bytesOf, room, this.#queue.size === 0)) {
      taken += items.length;
      const records = items
        .filter(({ offset }) => end === undefined || BigInt(offset) < end)
        .map((message) => toRecord(place, message, this.#options.record));
      const next = taken === messages.length ? after : BigInt(items.at(-1)!.offset) + 1n;
      this.#enqueue({ place, records, next }, bytes);
    }
    return taken;
  }

  #enqueue(chunk: Chunk, size: number): void {
    this.#at.next.set(chunk.place, chunk.next);
    this.#queue.put(chunk, size);
  }

  #passOver(place: Place, lost: LostRecords): void {
    // A topic that was made anew may never hold what the old one did.
    const end = this.#ends?.get(place);
    const mark = this.#at.marks.get(place);
    if (end && mark && mark.high < end.high) this.#ends?.set(place, mark);
    this.#enqueue({ place, records: [], next: BigInt(lost.next), lost }, 0);
  }
}

function bytesOf({ key, value }: KafkaMessage): number {
  return (value?.length ?? 0) + (key?.length ?? 0) + RECORD_BYTES;
}
