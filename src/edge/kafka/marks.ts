import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { isRetriable } from './client.ts';
import { type Place, placeOf } from './place.ts';
import type { Mark } from './positions.ts';

const PATIENCE = 10_000; // ms

/**
 * What each partition of a topic holds. A broker that does not lead a partition yet (a new topic, an election) is
 * asked again for some seconds; kafkajs itself gives up at the first such answer.
 */
export async function fetchMarks(admin: Admin, topic: string): Promise<Map<number, Mark>> {
  const marks = await untilAnswered(() => admin.fetchTopicOffsets(topic));
  return new Map(
    marks.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
  );
}

/** The names of the topics that this client may see. */
export function listTopics(admin: Pick<Admin, 'listTopics'>): Promise<string[]> {
  return untilAnswered(() => admin.listTopics());
}

async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      // Where no connection of its pool held for the question, kafkajs passes null on as the answer to it.
      const isUnanswered = error instanceof TypeError;
      if (!(isUnanswered || isRetriable(error)) || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

/** The same of several topics, by place. */
export async function fetchAllMarks(admin: Admin, topics: Iterable<string>): Promise<Map<Place, Mark>> {
  const all = new Map<Place, Mark>();
  for (const topic of topics) {
    for (const [partition, mark] of await fetchMarks(admin, topic)) all.set(placeOf(topic, partition), mark);
  }
  return all;
}

/** How many partitions each topic has that this client may see. */
export async function countPartitions(admin: Admin): Promise<Map<string, number>> {
  // not out of kafkajs' cache
  const { topics } = await untilAnswered(() => admin.fetchTopicMetadata({ topics: [] }));
  return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
}
