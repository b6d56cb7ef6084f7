/**
 * A kafkajs consumer that reads on from positions of ours, whatever happens to it: it seeks at every (re)join of
 * its group, passes over what it has handed on already, pauses what there is no room for, and is built anew
 * where kafkajs gives up.
 */
import type { Consumer, EachBatchPayload } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { bulkConsumer, kafkaError } from './client.ts';
import { DamagedBatch, registerCodecs } from './codecs.ts';
import type { ConsumerOptions, RunningConsumer } from './consumer-options.ts';
import { type Place, partsOf, placeOf } from './place.ts';
import { Rebuild } from './rebuild.ts';

export async function runConsumer(options: ConsumerOptions): Promise<RunningConsumer> {
  registerCodecs();
  const { title, next } = options;
  let consumer: Consumer | undefined;
  let stopped = false;
  const paused = new Set<Place>();

  const start = async (): Promise<void> => {
    const topics = [...options.topics()];
    if (stopped || topics.length === 0) return;
    const fresh = bulkConsumer(options.kafka, options.group, options.sessionTimeoutMs);
    const isOld = (): boolean => stopped || consumer !== fresh;
    consumer = fresh;
    paused.clear();
    // Emitted within the join, before the first fetch: a seek here is exact, at every join.
    fresh.on(fresh.events.GROUP_JOIN, ({ payload }) => {
      // kafkajs cannot be stopped while it joins; left alone it would keep its partitions from its successor.
      if (isOld()) return void setImmediate(() => leaveOld(fresh));
      const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
        partitions.map((partition) => placeOf(topic, partition)),
      );
      // One that is not known yet is read from its beginning, not from what the group has committed.
      for (const place of assigned) fresh.seek({ ...partsOf(place), offset: String(next.get(place) ?? 0) });
      options.onAssigned(assigned);
    });
    fresh.on(fresh.events.END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize > 0 || isOld()) return;
      const place = placeOf(payload.topic, payload.partition);
      const after = BigInt(payload.lastOffset) + 1n;
      if (after > (next.get(place) ?? 0n)) options.onSkip(place, after);
    });
    rebuild.watch(fresh, () => !isOld(), crashed);
    try {
      await fresh.connect();
      await fresh.subscribe({ topics, fromBeginning: true });
      const handler = (payload: EachBatchPayload) => eachBatch(fresh, payload);
      if (!isOld()) await fresh.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: handler });
    } catch (error) {
      if (!isOld()) throw error;
    }
    await leaveOld(fresh);
  };

  /** What kafkajs has on its way when it is disconnected may connect it again. */
  const leaveOld = async (one: Consumer): Promise<void> => {
    if (stopped || consumer !== one) await one.disconnect().catch(() => {});
  };

  /** Ends it for good; not awaited, as it may be called from within a handler that ending waits for. */
  const fail = (error: CptError): void => {
    stopped = true;
    rebuild.end();
    options.onFailure(error);
    consumer?.disconnect().catch(() => {});
  };

  const rebuild = new Rebuild({
    title,
    logger: options.logger,
    async build() {
      consumer?.disconnect().catch(() => {});
      await start();
    },
    onFailure: (error) => fail(kafkaError(`Reading ${title} failed`, error)),
  });

  const crashed = (error: Error): void => {
    if (stopped) return;
    if (error instanceof DamagedBatch) {
      const hint = 'No record is skipped for it. Was it damaged on its way, or written by a faulty program?';
      fail(new CptError('CPT_KAFKA', `Reading ${title} failed: ${error.message}.`, { hint, cause: error }));
    } else rebuild.crashed(error);
  };

  const eachBatch = async (from: Consumer, payload: EachBatchPayload): Promise<void> => {
    const { batch, resolveOffset, pause, isRunning, isStale } = payload;
    const place = placeOf(batch.topic, batch.partition);
    const isOld = (): boolean => stopped || consumer !== from || !isRunning() || isStale();
    if (isOld()) return;
    const high = BigInt(batch.highWatermark);
    const known = next.get(place);
    if (known === undefined || high < known || BigInt(batch.firstOffset() ?? known) > known) {
      try {
        const moved = await options.onJump(place);
        if (isOld()) return;
        if (moved) {
          from.seek({ ...partsOf(place), offset: String(next.get(place) ?? 0) });
          return;
        }
      } catch (error) {
        if (!(error instanceof CptError)) throw error; // an outage: kafkajs asks again
        fail(error);
        return;
      }
    }
    options.onHigh(place, high);
    // After a rejoin a batch may come once more; what is before our position was handed on.
    const at = next.get(place) ?? 0n;
    const messages = batch.messages.filter(({ offset }) => BigInt(offset) >= at);
    const after = BigInt(batch.lastOffset()) + 1n;
    const taken = messages.length === 0 ? 0 : options.onMessages(place, messages, after);
    if (taken > 0) rebuild.progressed();
    if (taken === messages.length) {
      resolveOffset(batch.lastOffset());
      return;
    }
    if (taken > 0) resolveOffset(messages[taken - 1]!.offset);
    pause();
    paused.add(place);
  };

  await start();
  return {
    resume() {
      if (paused.size === 0 || stopped) return;
      const places = [...paused]
        .map(partsOf)
        .map(({ topic, partition }) => ({ topic, partitions: [partition] }));
      paused.clear();
      try {
        consumer?.resume(places);
      } catch {
        // Between two consumers: the new one starts with nothing paused.
      }
    },
    async restart() {
      const before = consumer;
      consumer = undefined; // what it still has in hand is not taken
      rebuild.cancel();
      await before?.disconnect().catch(() => {});
      await start().catch(crashed);
    },
    async commit(offsets) {
      const from = consumer;
      const read = options.topics();
      const list = [...offsets]
        .map(([place, offset]) => ({ ...partsOf(place), offset: String(offset) }))
        .filter(({ topic }) => read.includes(topic)); // of one that is gone it would be refused for ever
      if (list.length > 0) await from?.commitOffsets(list).finally(() => leaveOld(from));
    },
    async stop() {
      stopped = true;
      rebuild.end();
      await consumer?.disconnect();
    },
  };
}
