/**
 * An ordinary member of a consumer group: its members divide the partitions among them, and the group's committed
 * offsets say where each is read on. For work that keeps no state of its own; what is handled twice after a crash must
 * be harmless.
 */
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { type KafkaLogger, kafkaError } from './client.ts';
import { registerCodecs } from './codecs.ts';
import { isForbidden } from './failure.ts';

export interface Portion {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly KafkaMessage[];
  /** Records of the partition that wait behind these. */
  readonly waiting: number;
}

export interface MemberOptions {
  readonly kafka: Kafka;
  readonly topics: readonly (string | RegExp)[];
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly logger?: KafkaLogger | undefined;
  /**
   * Handles messages of one partition; once it resolves they are not brought again. However long it takes, the
   * membership is kept.
   */
  readonly handle: (portion: Portion) => Promise<void>;
}

export interface RunningMember {
  /** Rejects with what ended it; never resolves while it is a member. */
  readonly ended: Promise<void>;
  /** Lets the portion in hand end, commits it, and leaves the group. */
  stop(): Promise<void>;
}

const MESSAGES_PER_PORTION = 500;
const MAX_REBUILDS = 5; // in a row, without one portion between

/** @throws CptError CPT_KAFKA where no broker answers or it refuses */
export async function joinGroup(options: MemberOptions): Promise<RunningMember> {
  registerCodecs();
  const { kafka, topics, group, sessionTimeoutMs, logger } = options;
  const title = topics.map(String).join(', ');
  let consumer: Consumer | undefined;
  let rebuilds = 0;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let inHand: Promise<void> = Promise.resolve();
  let end: (error?: CptError) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  ended.catch(() => {}); // who stops it does not look

  const start = async (): Promise<void> => {
    const fresh = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.floor(sessionTimeoutMs / 5),
      maxBytesPerPartition: 1 << 20,
      maxBytes: 4 << 20,
      maxWaitTimeInMs: 500,
      allowAutoTopicCreation: false,
    });
    consumer = fresh;
    fresh.on(fresh.events.CRASH, ({ payload }) => {
      if (!payload.restart && consumer === fresh) crashed(payload.error);
    });
    await fresh.connect();
    await fresh.subscribe({ topics: [...topics], fromBeginning: true });
    await fresh.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => {
        inHand = eachBatch(fresh, payload);
        return inHand;
      },
    });
  };

  const crashed = (error: Error): void => {
    if (stopping) return;
    if (rebuilds >= MAX_REBUILDS || isForbidden(error)) {
      end(kafkaError(`Reading ${title} failed`, error));
      return;
    }
    const delay = 200 * 2 ** rebuilds++;
    logger?.warn(
      { topic: title, error: error.message, delay },
      'kafka: the consumer gave up; building a new one',
    );
    timer = setTimeout(() => {
      consumer?.disconnect().catch(() => {});
      start().catch(crashed);
    }, delay);
  };

  const eachBatch = async (from: Consumer, payload: EachBatchPayload): Promise<void> => {
    const { batch, heartbeat, resolveOffset, isRunning, isStale } = payload;
    const { topic, partition, messages } = batch;
    for (let first = 0; first < messages.length; first += MESSAGES_PER_PORTION) {
      if (stopping || consumer !== from || !isRunning() || isStale()) return;
      const some = messages.slice(first, first + MESSAGES_PER_PORTION);
      const { offset } = some.at(-1)!;
      const after = BigInt(offset) + 1n;
      const waiting = Number(BigInt(batch.highWatermark) - after);
      const beat = setInterval(() => heartbeat().catch(() => {}), sessionTimeoutMs / 5); // a rebalance is met below
      try {
        await options.handle({ topic, partition, messages: some, waiting });
      } catch (error) {
        end(
          error instanceof CptError ? error : kafkaError(`Records of ${title} could not be handled`, error),
        );
        stopping = true;
        return;
      } finally {
        clearInterval(beat);
      }
      rebuilds = 0;
      resolveOffset(offset);
      // A member that lost the partition meanwhile is refused here; then another handles these again.
      await from.commitOffsets([{ topic, partition, offset: String(after) }]);
      await heartbeat();
    }
    if (messages.length === 0) resolveOffset(batch.lastOffset());
  };

  try {
    await start();
  } catch (error) {
    await consumer?.disconnect().catch(() => {});
    throw kafkaError(`${title} cannot be read`, error);
  }
  return {
    ended,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await inHand.catch(() => {});
      await consumer?.disconnect().catch(() => {});
      end();
    },
  };
}
