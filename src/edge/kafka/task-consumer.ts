/**
 * A member of the group that shares the tasks: one message at a time of each partition, for as long as it takes. The
 * partition is paused meanwhile, so that the member goes on saying that it lives; where it is given to another member
 * all the same, the work goes on here too, and the store decides whose it is.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { type KafkaLogger, kafkaError } from './client.ts';
import { registerCodecs } from './codecs.ts';
import { Rebuild } from './rebuild.ts';

export interface TaskConsumerOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly logger?: KafkaLogger | undefined;
  /**
   * One at a time; what it throws ends this member.
   * @returns null when the message is done with, or milliseconds after which it is to be tried again; other
   *   partitions go on meanwhile
   */
  readonly onMessage: (message: KafkaMessage, signal: AbortSignal) => Promise<number | null>;
  readonly onAssigned: (partitions: readonly number[]) => void;
  /** It has ended for good. */
  readonly onFailure: (error: unknown) => void;
}

export interface TaskConsumer {
  /** Interrupts what is being done, and leaves the group. */
  stop(reason: unknown): Promise<void>;
}

/** @throws CptError CPT_KAFKA where the group cannot be joined at first */
export async function runTaskConsumer(options: TaskConsumerOptions): Promise<TaskConsumer> {
  registerCodecs(); // a topic may compress what we send
  const { topic, group, sessionTimeoutMs, logger } = options;
  const stopping = new AbortController();
  /** Partitions whose message is being done. */
  const busy = new Map<number, Promise<void>>();
  let assigned: ReadonlySet<number> = new Set();
  let consumer: Consumer;
  let turn: Promise<unknown> = Promise.resolve();
  /** For ever: the topic is not to be left alone because kafkajs has given up. */
  const rebuild = new Rebuild({
    title: topic,
    logger,
    async build() {
      consumer.disconnect().catch(() => {});
      await start();
    },
  });

  const fail = (error: unknown): void => {
    if (stopping.signal.aborted) return;
    stopping.abort(error);
    rebuild.end();
    options.onFailure(error);
  };

  /** One message; afterwards its partition goes on behind it, if it is still ours. */
  async function attend(partition: number, message: KafkaMessage): Promise<void> {
    const { signal } = stopping;
    for (;;) {
      const now = turn.then(() => {
        signal.throwIfAborted();
        return options.onMessage(message, signal);
      });
      turn = now.catch(() => {});
      const wait = await now;
      if (wait === null) break;
      await sleep(wait, undefined, { signal });
      if (!assigned.has(partition)) return; // it waits with another member now
    }
    const offset = String(BigInt(message.offset) + 1n);
    try {
      await consumer.commitOffsets([{ topic, partition, offset }]);
      consumer.seek({ topic, partition, offset });
    } catch (error) {
      // the partition is another's: it meets the message once more, and sees that it is done
      logger?.warn({ topic, partition, offset, error: (error as Error).message }, 'kafka: not committed');
    }
  }

  async function eachBatch({ batch: { partition, messages } }: EachBatchPayload): Promise<void> {
    const [message] = messages;
    if (message === undefined) return;
    consumer.pause([{ topic, partitions: [partition] }]);
    if (busy.has(partition) || stopping.signal.aborted) return;
    rebuild.progressed();
    const done = attend(partition, message)
      .catch(fail)
      .finally(() => {
        busy.delete(partition);
        if (!stopping.signal.aborted) resume(partition);
      });
    busy.set(partition, done);
  }

  function resume(partition: number): void {
    try {
      consumer.resume([{ topic, partitions: [partition] }]);
    } catch (error) {
      logger?.debug({ topic, partition, error: (error as Error).message }, 'kafka: not resumed'); // it rejoins
    }
  }

  async function start(): Promise<void> {
    const fresh = options.kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 6),
      maxBytesPerPartition: 1 << 19,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
    });
    consumer = fresh;
    fresh.on(fresh.events.GROUP_JOIN, ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      assigned = new Set(partitions);
      for (const partition of partitions) if (!busy.has(partition)) resume(partition);
      options.onAssigned(partitions);
    });
    rebuild.watch(fresh, () => consumer === fresh);
    await fresh.connect();
    await fresh.subscribe({ topics: [topic], fromBeginning: true });
    await fresh.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
    if (stopping.signal.aborted) await fresh.disconnect(); // kafkajs cannot be stopped while it joins
  }

  await start().catch((error: unknown) => {
    throw kafkaError(`The group ${group} of ${topic} cannot be joined`, error);
  });
  return {
    async stop(reason) {
      if (!stopping.signal.aborted) stopping.abort(reason);
      rebuild.end();
      await Promise.allSettled(busy.values());
      await consumer.disconnect().catch(() => {});
    },
  };
}
