/** Tells Kafka how far a feed is read, for who monitors the group; nothing depends on it. */
import type { KafkaLogger } from './client.ts';
import type { RunningConsumer } from './consumer-options.ts';
import type { Place } from './place.ts';
import { toOffsets } from './positions.ts';

export class Committer {
  readonly #logger: KafkaLogger | undefined;
  #committed = '';
  #wanted: ReadonlyMap<Place, bigint> = new Map();
  #running: Promise<void> | undefined;

  constructor(logger: KafkaLogger | undefined) {
    this.#logger = logger;
  }

  /** One commit at a time; of what comes meanwhile only the newest follows. */
  commit(consumer: RunningConsumer | undefined, given: ReadonlyMap<Place, bigint>): void {
    this.#wanted = new Map(given);
    this.#running ??= this.#run(consumer).finally(() => {
      this.#running = undefined;
    });
  }

  async #run(consumer: RunningConsumer | undefined): Promise<void> {
    for (;;) {
      const offsets = this.#wanted;
      const text = JSON.stringify(toOffsets(offsets));
      if (text === this.#committed) return;
      try {
        await consumer?.commit(offsets);
        this.#committed = text;
      } catch (error) {
        this.#logger?.debug({ error: String(error) }, 'kafka: offsets were not committed');
        return; // the next call tries again
      }
    }
  }

  /** Resolves when nothing is on its way. */
  async settled(): Promise<void> {
    await this.#running;
  }
}
