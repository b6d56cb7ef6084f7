/** Tests against a real broker: found or started once per file; skipped with the reason, but never in CI. */
import { after, before, type TestContext } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { type Broker, startBroker } from '../../../deploy/broker.ts';
import { ensureTopics } from '../../../src/edge/kafka/topics.ts';
import { CptError } from '../../../src/errors.ts';

export interface BrokerUnderTest {
  /** Skips the test where there is no broker. */
  broker(t: TestContext): Broker | undefined;
  /** A topic of its own for one test. */
  topic(partitions: number): Promise<string>;
  /** A plain client, independent of the code under test. */
  kafka(): Kafka;
}

let names = 0;

export function withBroker(): BrokerUnderTest {
  let broker: Broker | undefined;
  let missing = '';

  before(async () => {
    try {
      broker = await startBroker();
    } catch (error) {
      if (process.env.CI === 'true' || !(error instanceof CptError)) throw error;
      missing = error.toLine();
    }
  });
  after(async () => {
    await broker?.stop();
  });

  const kafka = (): Kafka => {
    process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1';
    return new Kafka({ brokers: broker?.brokers ?? [], logLevel: logLevel.NOTHING, retry: { retries: 20 } });
  };
  return {
    broker(t) {
      if (broker === undefined) t.skip(missing);
      return broker;
    },
    kafka,
    async topic(partitions) {
      const topic = `cpt-test-${process.pid}-${names++}`;
      await ensureTopics({ brokers: broker?.brokers ?? [] }, [{ topic, partitions }]);
      return topic;
    },
  };
}
