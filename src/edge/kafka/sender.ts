/** Sends messages so that the broker has them on all its in-sync replicas, with an idempotent producer. */
import type { Message, Producer } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { BRIEF, type KafkaConnection, kafkaClient } from './client.ts';

export class Sender {
  readonly #connection: KafkaConnection;
  #producer: Producer | undefined;
  #closed = false;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /**
   * One attempt, which takes some seconds where no broker answers.
   * @throws what kafkajs throws, CPT_INTERRUPTED once it is closed. Some of the messages may have been taken.
   */
  async send(topic: string, messages: Message[]): Promise<void> {
    if (this.#closed) throw new CptError('CPT_INTERRUPTED', `Sending to ${topic} was stopped.`);
    try {
      const producer = await this.#connected();
      await producer.send({ topic, acks: -1, messages });
    } catch (error) {
      // After a failure its sequence numbers may be off for good; the next attempt starts with a new producer.
      const broken = this.#producer;
      this.#producer = undefined;
      await broken?.disconnect().catch(() => {});
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#producer?.disconnect().catch(() => {});
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    const fresh = kafkaClient(this.#connection, BRIEF).producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: BRIEF,
    });
    this.#producer = fresh;
    await fresh.connect();
    return fresh;
  }
}
