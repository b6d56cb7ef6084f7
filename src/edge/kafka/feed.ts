/** A Kafka topic as a feed: pulled, bounded, and read on from offsets that the reader keeps itself. */
import type { Admin, KafkaMessage } from 'kafkajs';
import { CptError } from '../../errors.ts';
import type { Feed, FeedBatch, FeedRecord, OpenFeed } from '../feed/feed.ts';
import { BRIEF, type KafkaConnection, kafkaClient, kafkaError, PATIENT } from './client.ts';
import { type RunningConsumer, runConsumer } from './consumer.ts';
import { HandOff } from './hand-off.ts';
import { fetchMarks } from './marks.ts';
import { lagOf, lost, type Mark, reached, startPositions, toOffsets } from './positions.ts';
import { toRecord } from './record.ts';

export interface KafkaFeedOptions extends KafkaConnection {
  readonly topic: string;
  /**
   * Consumer group, `cpt-stream-<topic>` unless given. One per lineage: members of one group divide the
   * partitions among them. Offsets are committed to it for monitoring only.
   */
  readonly group?: string;
  /** End (null) at what the topic held when it was opened. */
  readonly untilEnd?: boolean;
  /** Payload bytes that wait for the reader, at most (one larger message is let in alone). Default 8 MiB. */
  readonly maxBytesInFlight?: number;
  /** Default 1 MiB; see RecordOptions. */
  readonly maxRecordBytes?: number;
  /** Default `domain`. */
  readonly domainHeader?: string;
  /** An empty batch comes after so long without a message, milliseconds. Default 1,000. */
  readonly idleMs?: number;
  /** After a crash of ours the broker keeps our place so long, and a restart waits for it. Default 10,000. */
  readonly sessionTimeoutMs?: number;
}

interface Chunk {
  readonly partition: number;
  readonly records: readonly FeedRecord[];
  readonly next: bigint;
}

const MARKS_EVERY = 2000; // ms

/**
 * Delivery: every record at or after the given offsets exactly once, in offset order within each partition, as
 * long as the reader stores a batch's `offsets` together with what it makes of the batch. Offsets are committed
 * to Kafka when the next batch is asked for, as that tells that the one before is durable; nothing depends on it.
 *
 * Opening throws CptError CPT_KAFKA where no broker answers, the topic does not exist, or the offsets are not in
 * it (any more); CPT_STATE where they are not offsets of a Kafka topic.
 */
export function openKafkaFeed(options: KafkaFeedOptions): OpenFeed {
  return async (from) => {
    const admin = kafkaClient(options, BRIEF).admin();
    try {
      const marks = await firstMarks(admin, options);
      const feed = new KafkaFeed(options, admin, marks, startPositions(options.topic, from, marks));
      await feed.start();
      return feed;
    } catch (error) {
      await admin.disconnect().catch(() => {});
      throw kafkaError(`Topic ${options.topic} cannot be read`, error);
    }
  };
}

class KafkaFeed implements Feed {
  readonly #options: KafkaFeedOptions;
  readonly #admin: Admin;
  readonly #marks: Map<number, Mark>;
  readonly #ends: ReadonlyMap<number, Mark> | null;
  /** Next offset to be queued, by partition. */
  readonly #next: Map<number, bigint>;
  /** Next offset after what `read` gave. */
  readonly #given: Map<number, bigint>;
  #committed = '';
  #committing: Promise<void> = Promise.resolve();
  #commitPending = false;
  readonly #queue: HandOff<Chunk>;
  #consumer: RunningConsumer | undefined;
  #markTimer: NodeJS.Timeout | undefined;

  constructor(options: KafkaFeedOptions, admin: Admin, marks: Map<number, Mark>, next: Map<number, bigint>) {
    this.#options = options;
    this.#admin = admin;
    this.#marks = marks;
    this.#ends = options.untilEnd ? new Map(marks) : null;
    this.#next = next;
    this.#given = new Map(next);
    this.#queue = new HandOff(options.maxBytesInFlight ?? 8 << 20);
  }

  async start(): Promise<void> {
    const { topic, logger, group = `cpt-stream-${topic}` } = this.#options;
    this.#consumer = await runConsumer({
      kafka: kafkaClient(this.#options, PATIENT),
      topic,
      group,
      sessionTimeoutMs: this.#options.sessionTimeoutMs ?? 10_000,
      logger,
      next: this.#next,
      onHigh: (partition, high) => this.#setHigh(partition, high),
      onMessages: (partition, messages, next, heartbeat) => this.#put(partition, messages, next, heartbeat),
      onSkip: (partition, next) => this.#enqueue({ partition, records: [], next }, 0),
      onGap: async (partition, next) => {
        const low = (await fetchMarks(this.#admin, topic)).get(partition)?.low ?? 0n;
        if (low > next) throw lost(topic, partition, next, low);
      },
      onAssigned: (partitions) => {
        if (partitions.length >= this.#marks.size) return;
        const text = `Another member of group ${group} reads a part of ${topic}.`;
        logger?.warn({ topic, group, assigned: partitions }, text);
        // A live feed reads what it has and the rest when the other has gone; this one would never end.
        const hint = 'Stop it, or give each lineage its own group (?group=name).';
        if (this.#ends) this.#queue.fail(new CptError('CPT_KAFKA', text, { hint, retryable: true }));
      },
      onFailure: (error) => this.#queue.fail(error),
    });
    this.#markTimer = setInterval(() => void this.#refreshMarks(), MARKS_EVERY).unref();
  }

  async read(): Promise<FeedBatch | null> {
    this.#commit();
    if (this.#ends && reached(this.#given, this.#ends)) return null;
    const chunk = await this.#queue.take(this.#options.idleMs ?? 1000);
    if (chunk === undefined && this.#queue.closed) return null;
    if (chunk) this.#given.set(chunk.partition, chunk.next);
    return {
      records: chunk?.records ?? [],
      offsets: toOffsets(this.#given),
      lag: lagOf(this.#given, this.#marks),
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#markTimer);
    this.#queue.close();
    await this.#committing;
    await this.#consumer?.stop().catch(() => {});
    await this.#admin.disconnect().catch(() => {});
  }

  /** @returns false when the reader has gone, or has these messages */
  async #put(
    partition: number,
    messages: readonly KafkaMessage[],
    next: bigint,
    heartbeat: () => Promise<void>,
  ): Promise<boolean> {
    const {
      topic,
      maxRecordBytes = 1 << 20,
      domainHeader = 'domain',
      sessionTimeoutMs = 10_000,
    } = this.#options;
    const end = this.#ends?.get(partition)?.high;
    const records = messages
      .filter((message) => end === undefined || BigInt(message.offset) < end)
      .map((message) => toRecord(topic, partition, message, { maxRecordBytes, domainHeader }));
    const size = records.reduce((sum, record) => sum + record.size, 0);
    while (!this.#queue.closed && !this.#queue.hasRoom(size)) {
      await this.#queue.changed(sessionTimeoutMs / 5);
      await heartbeat(); // kafkajs sends one per interval at most
    }
    // Where the consumer was built anew during the wait, its successor may have brought these already.
    if (this.#queue.closed || BigInt(messages[0]!.offset) < (this.#next.get(partition) ?? 0n)) return false;
    this.#enqueue({ partition, records, next }, size);
    return true;
  }

  #enqueue(chunk: Chunk, size: number): void {
    this.#next.set(chunk.partition, chunk.next);
    this.#queue.put(chunk, size);
  }

  /** Tells Kafka how far we are; one commit at a time, the newest offsets win. */
  #commit(): void {
    const offsets = new Map(this.#given);
    const text = JSON.stringify(toOffsets(offsets));
    if (text === this.#committed || this.#commitPending) return;
    this.#commitPending = true;
    this.#committing = Promise.resolve(this.#consumer?.commit(offsets)).then(
      () => {
        this.#committed = text;
        this.#commitPending = false;
      },
      (error) => {
        this.#commitPending = false;
        this.#options.logger?.debug({ error: String(error) }, 'kafka: offsets were not committed');
      },
    );
  }

  #setHigh(partition: number, high: bigint): void {
    const mark = this.#marks.get(partition);
    if (!mark || high > mark.high) this.#marks.set(partition, { low: mark?.low ?? 0n, high });
  }

  async #refreshMarks(): Promise<void> {
    const marks = await fetchMarks(this.#admin, this.#options.topic).catch(() => new Map<number, Mark>());
    for (const [partition, { high }] of marks) this.#setHigh(partition, high);
  }
}

async function firstMarks(admin: Admin, { brokers, topic }: KafkaFeedOptions): Promise<Map<number, Mark>> {
  try {
    await admin.connect();
  } catch (error) {
    throw kafkaError(`Connecting to ${brokers.join(', ')} failed`, error, 'Is Kafka running there?');
  }
  if (!(await admin.listTopics()).includes(topic)) {
    throw new CptError('CPT_KAFKA', `There is no topic ${JSON.stringify(topic)} at ${brokers.join(', ')}.`, {
      hint: 'Create it, or check its name and the rights of this client.',
      retryable: true,
    });
  }
  return fetchMarks(admin, topic);
}
