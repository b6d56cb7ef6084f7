/** What is compared with: a kafkajs `eachBatch` consumer that parses the JSON and does nothing else. */
import { kafkaClient, PATIENT } from '../../src/edge/kafka/client.ts';
import type { Measured } from './measured.ts';
import { startMeter } from './meter.ts';
import type { ReaderInput } from './start-reader.ts';

/** Fetches as our own consumer does. */
export async function readBare({ brokers, topic, passages, every }: ReaderInput): Promise<Measured> {
  const consumer = kafkaClient({ brokers }, PATIENT).consumer({
    groupId: `bare-${process.pid}`,
    maxBytesPerPartition: 1 << 20,
    maxBytes: 4 << 20,
    maxWaitTimeInMs: 500,
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  let characters = 0;
  let read = 0;
  let finish = (): void => {};
  const whole = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        const { text } = JSON.parse(value!.toString()) as { text: string };
        characters += text.length;
      }
      read += batch.messages.length;
      meter.at(read);
      if (read >= passages) finish();
    },
  });
  const meter = startMeter(every);
  await whole;
  const measured = meter.end(0);
  await consumer.disconnect();
  if (characters === 0) throw new Error('The topic holds no text.');
  return measured;
}
