/** What the brokers say of topics, asked through a kafkajs admin client that is renewed where it knows too little. */
import type { Admin, Kafka } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { BRIEF, kafkaClient, kafkaError } from './client.ts';
import type { KafkaFeedOptions } from './feed-options.ts';
import { countPartitions, fetchAllMarks } from './marks.ts';
import type { Place } from './place.ts';
import type { Mark } from './positions.ts';
import { namesOf, selectTopics, titleOf } from './selection.ts';

export class Cluster {
  readonly #options: KafkaFeedOptions;
  readonly #kafka: Kafka;
  #admin: Admin;
  #isClosed = false;

  private constructor(options: KafkaFeedOptions) {
    this.#options = options;
    this.#kafka = kafkaClient(options, BRIEF);
    this.#admin = this.#kafka.admin();
  }

  /** @throws CptError CPT_KAFKA where no broker answers */
  static async connect(options: KafkaFeedOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    try {
      await cluster.#admin.connect();
    } catch (error) {
      const where = options.brokers.join(', ');
      throw kafkaError(`Connecting to ${where} failed`, error, 'Is Kafka running there?');
    }
    return cluster;
  }

  /** How many partitions each of the selected topics has. */
  async partitions(): Promise<Map<string, number>> {
    const all = await this.#ask(countPartitions);
    const { topic, never } = this.#options;
    return new Map(selectTopics(topic, [...all.keys()], never).map((name) => [name, all.get(name)!]));
  }

  /** The same at the start. @throws CptError CPT_KAFKA where a topic that is named does not exist */
  async firstPartitions(): Promise<Map<string, number>> {
    const { topic, brokers, untilEnd, logger } = this.#options;
    const found = await this.partitions();
    const where = brokers.join(', ');
    const absent = namesOf(topic)?.find((name) => !found.has(name));
    if (absent !== undefined) {
      throw new CptError('CPT_KAFKA', `There is no topic ${JSON.stringify(absent)} at ${where}.`, {
        hint: 'Create it, or check its name and the rights of this client.',
        retryable: true,
      });
    }
    if (found.size === 0) {
      const message = `No topic at ${where} matches ${titleOf(topic)}.`;
      const hint = 'Patterns match neither names that begin with __ nor with cpt.';
      if (untilEnd) throw new CptError('CPT_KAFKA', message, { hint, retryable: true });
      logger?.warn({ hint }, message);
    }
    return found;
  }

  /** @param renew forget what kafkajs remembers of the topics, such as how many partitions they have */
  async marks(topics: Iterable<string>, renew = false): Promise<Map<Place, Mark>> {
    if (renew) {
      const old = this.#admin;
      this.#admin = this.#kafka.admin();
      await old.disconnect().catch(() => {});
      await this.#ask((admin) => admin.connect());
    }
    return this.#ask((admin) => fetchAllMarks(admin, topics));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#admin.disconnect().catch(() => {});
  }

  /** What a client has on its way when it is disconnected connects it again, and would keep the process alive. */
  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#admin;
    try {
      return await question(admin);
    } finally {
      if (this.#isClosed || admin !== this.#admin) await admin.disconnect().catch(() => {});
    }
  }
}
