import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { isRetriable } from './client.ts';
import type { Mark } from './positions.ts';

const PATIENCE = 10_000; // ms

/**
 * What each partition of a topic holds. A broker that does not lead a partition yet (a new topic, an election) is
 * asked again for some seconds; kafkajs itself gives up at the first such answer.
 */
export async function fetchMarks(admin: Admin, topic: string): Promise<Map<number, Mark>> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    try {
      const marks = await admin.fetchTopicOffsets(topic);
      return new Map(
        marks.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }]),
      );
    } catch (error) {
      if (!isRetriable(error) || performance.now() > deadline) throw error;
      await sleep(100);
    }
  }
}
