/**
 * An ordinary member of a consumer group: its members divide the partitions among them, and the group's committed
 * offsets say where each is read on. For work that keeps no state of its own; what is handled twice after a crash must
 * be harmless.
 */
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { bulkConsumer, type KafkaLogger, kafkaError } from './client.ts';
import { registerCodecs } from './codecs.ts';
import { Rebuild } from './rebuild.ts';

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

/** @throws CptError CPT_KAFKA where no broker answers or it refuses */
export async function joinGroup(options: MemberOptions): Promise<RunningMember> {
  registerCodecs();
  const { kafka, topics, group, sessionTimeoutMs, logger } = options;
  const title = topics.map(String).join(', ');
  let consumer: Consumer | undefined;
  let stopping = false;
  let inHand: Promise<void> = Promise.resolve();
  let end: (error?: CptError) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    end = (error) => (error === undefined ? resolve() : reject(error));
  });
  ended.catch(() => {}); // who stops it does not look

  const start = async (): Promise<void> => {
    const fresh = bulkConsumer(kafka, group, sessionTimeoutMs);
    consumer = fresh;
    rebuild.watch(fresh, () => consumer === fresh);
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
    if (stopping) await fresh.disconnect(); // kafkajs cannot be stopped while it joins
  };

  const rebuild = new Rebuild({
    title,
    logger,
    async build() {
      consumer?.disconnect().catch(() => {});
      await start();
    },
    onFailure: (error) => end(kafkaError(`Reading ${title} failed`, error)),
  });

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
        rebuild.end();
        return;
      } finally {
        clearInterval(beat);
      }
      rebuild.progressed();
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
      rebuild.end();
      await inHand.catch(() => {});
      await consumer?.disconnect().catch(() => {});
      end();
    },
  };
}
