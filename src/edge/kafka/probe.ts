/** Looks at brokers for `cpt doctor`: reaches, logs in, asks; writes nothing and joins no group. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CptError } from '../../errors.ts';
import { type Cluster, clusterOf } from './ask.ts';
import { BRIEF, type KafkaConnection, kafkaClient, kafkaError } from './client.ts';
import { askGroup, askTopics, type GroupAnswer, METADATA, type TopicsAnswer } from './rights.ts';

/** Kafka's errors of a coordinator that is still loading or has just moved. */
const NOT_READY: readonly number[] = [14, 15, 16];
const TRIES = 20;
const PAUSE = 250; // ms

export interface Probe {
  /** Milliseconds until the brokers were reached and took the login. */
  readonly took: number;
  topics(names: readonly string[]): Promise<TopicsAnswer>;
  group(name: string): Promise<GroupAnswer>;
  /** Whether a topic holds records with a time that is later than `time`, milliseconds since 1970. */
  hasLater(topic: string, time: number): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws CptError CPT_KAFKA where they are not reached, refuse the login, or are older than Kafka 2.3 */
export async function openProbe(connection: KafkaConnection): Promise<Probe> {
  const where = connection.brokers.join(', ');
  const kafka = kafkaClient(connection, BRIEF);
  const cluster: Cluster = clusterOf(kafka);
  const admin = kafka.admin();
  const asked = async <T>(what: string, call: () => Promise<T>): Promise<T> => {
    try {
      return await call();
    } catch (error) {
      throw kafkaError(what, error);
    }
  };
  const close = async (): Promise<void> => {
    await Promise.all([admin.disconnect(), cluster.disconnect()].map((end) => end.catch(() => {})));
  };
  try {
    const start = performance.now();
    await asked(`Connecting to ${where} failed`, async () => {
      await cluster.connect();
      await cluster.refreshMetadata();
    });
    const took = performance.now() - start;
    const node = await asked(`Asking ${where} failed`, () => cluster.findControllerBroker());
    if ((node.versions[METADATA[0]]?.maxVersion ?? 0) < METADATA[1]) {
      throw new CptError('CPT_KAFKA', `The brokers at ${where} are older than Kafka 2.3.`);
    }
    return {
      took,
      topics: (names) =>
        asked(`Asking ${where} for topics failed`, () => node.connectionPool.send(askTopics(names))),
      group: (name) =>
        asked(`Asking for the group ${name} failed`, async () => {
          for (let tries = 0; ; tries++) {
            const coordinator = await cluster.findGroupCoordinator({ groupId: name });
            const answer = await coordinator.connectionPool.send(askGroup(name));
            if (!NOT_READY.includes(answer.error) || tries === TRIES) return answer;
            await sleep(PAUSE);
          }
        }),
      hasLater: (topic, time) =>
        asked(`Asking for the times of ${topic} failed`, async () => {
          await admin.connect();
          const [found, ends] = [
            await admin.fetchTopicOffsetsByTimestamp(topic, time),
            await admin.fetchTopicOffsets(topic),
          ];
          const end = new Map(ends.map(({ partition, offset }) => [partition, offset]));
          return found.some(({ partition, offset }) => offset !== '-1' && offset !== end.get(partition));
        }),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
