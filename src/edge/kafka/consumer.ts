/**
 * A kafkajs consumer that reads on from positions of ours, whatever happens to it: it seeks at every (re)join of
 * its group, passes over what it has handed on already, and is built anew where kafkajs gives up.
 */
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { type KafkaLogger, kafkaError } from './client.ts';
import { DamagedBatch, registerCodecs } from './codecs.ts';
import { isForbidden } from './failure.ts';
import { recreated } from './positions.ts';

export interface ConsumerOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly logger?: KafkaLogger | undefined;
  /** Offset to hand on next, by partition; `onMessages` and `onSkip` move it on. */
  readonly next: ReadonlyMap<number, bigint>;
  /** Called at each batch with its partition's high mark. */
  readonly onHigh: (partition: number, high: bigint) => void;
  /** Takes messages in order; resolves when they are taken, false when the rest of the batch is not wanted. */
  readonly onMessages: (
    partition: number,
    messages: readonly KafkaMessage[],
    next: bigint,
    heartbeat: () => Promise<void>,
  ) => Promise<boolean>;
  /** Called where offsets jump, which is harmless unless records were removed. @throws CptError CPT_KAFKA */
  readonly onGap: (partition: number, next: bigint) => Promise<void>;
  /** A partition's messages were all filtered (control records, aborted transactions). */
  readonly onSkip: (partition: number, next: bigint) => void;
  readonly onAssigned: (partitions: readonly number[]) => void;
  readonly onFailure: (error: CptError) => void;
}

export interface RunningConsumer {
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  stop(): Promise<void>;
}

const MAX_REBUILDS = 5; // in a row, without one message between
const MESSAGES_PER_PUT = 500;
const BYTES_PER_PUT = 1 << 20;

export async function runConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  registerCodecs();
  const { topic, next } = options;
  let consumer: Consumer | undefined;
  let stopped = false;
  let rebuilds = 0;
  let rebuildTimer: NodeJS.Timeout | undefined;

  const start = async (): Promise<void> => {
    const fresh = options.kafka.consumer({
      groupId: options.group,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: Math.floor(options.sessionTimeoutMs / 5),
      maxBytesPerPartition: 1 << 20,
      maxBytes: 4 << 20,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
    });
    consumer = fresh;
    // Emitted within the join, before the first fetch: a seek here is exact, at every join.
    fresh.on(fresh.events.GROUP_JOIN, ({ payload }) => {
      const partitions = payload.memberAssignment[topic] ?? [];
      for (const partition of partitions) {
        const offset = next.get(partition);
        if (offset !== undefined) fresh.seek({ topic, partition, offset: String(offset) });
      }
      options.onAssigned(partitions);
    });
    fresh.on(fresh.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0) return;
      const after = BigInt(payload.lastOffset) + 1n;
      if (after <= (next.get(payload.partition) ?? 0n)) return;
      options.onSkip(payload.partition, after);
    });
    fresh.on(fresh.events.CRASH, ({ payload }) => {
      if (!payload.restart) crashed(payload.error);
    });
    await fresh.connect();
    await fresh.subscribe({ topics: [topic], fromBeginning: true });
    await fresh.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch });
  };

  /** Ends it for good; not awaited, as it may be called from within a handler that ending waits for. */
  const fail = (error: CptError): void => {
    stopped = true;
    options.onFailure(error);
    consumer?.disconnect().catch(() => {});
  };

  const crashed = (error: Error): void => {
    if (stopped) return;
    if (error instanceof DamagedBatch) {
      const hint =
        'No record is skipped for it. Was it written by a program of its own kind, or damaged on its way?';
      fail(new CptError('CPT_KAFKA', `Reading ${topic} failed: ${error.message}.`, { hint, cause: error }));
    } else if (rebuilds >= MAX_REBUILDS || isForbidden(error)) {
      fail(kafkaError(`Reading ${topic} failed`, error));
    } else {
      const delay = 200 * 2 ** rebuilds++;
      const fields = { topic, error: error.message, delay };
      options.logger?.warn(fields, 'kafka: the consumer gave up; building a new one');
      rebuildTimer = setTimeout(() => {
        consumer?.disconnect().catch(() => {});
        start().catch(crashed);
      }, delay);
    }
  };

  const eachBatch = async ({
    batch,
    heartbeat,
    resolveOffset,
    isRunning,
    isStale,
  }: EachBatchPayload): Promise<void> => {
    const { partition } = batch;
    const high = BigInt(batch.highWatermark);
    const at = next.get(partition) ?? 0n;
    try {
      if (high < at) throw recreated(topic, partition, `it ends at ${high}, ${at} was next`);
      options.onHigh(partition, high);
      if (BigInt(batch.firstOffset() ?? at) > at) await options.onGap(partition, at);
    } catch (error) {
      fail(kafkaError(`Reading ${topic} failed`, error));
      return;
    }
    // After a rejoin a batch may come once more; what is before our position was handed on.
    const messages = batch.messages.filter((message) => BigInt(message.offset) >= at);
    for (const { chunk, last } of chunks(messages)) {
      const end = chunk.at(-1)!;
      const after = BigInt(last ? batch.lastOffset() : end.offset) + 1n;
      if (!isRunning() || isStale()) return;
      if (!(await options.onMessages(partition, chunk, after, heartbeat))) return;
      resolveOffset(end.offset);
      rebuilds = 0;
    }
    if (messages.length === 0) resolveOffset(batch.lastOffset());
  };

  await start();
  return {
    async commit(offsets) {
      const list = [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) }));
      if (list.length > 0) await consumer?.commitOffsets(list);
    },
    async stop() {
      stopped = true;
      clearTimeout(rebuildTimer);
      await consumer?.disconnect();
    },
  };
}

/** Slices of at most so many messages and (unless one alone is larger) bytes. */
function* chunks(messages: readonly KafkaMessage[]): Generator<{ chunk: KafkaMessage[]; last: boolean }> {
  let chunk: KafkaMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value?.length ?? 0;
    if (chunk.length > 0 && (chunk.length === MESSAGES_PER_PUT || bytes + size > BYTES_PER_PUT)) {
      yield { chunk, last: false };
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) yield { chunk, last: true };
}
