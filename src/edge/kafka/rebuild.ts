/** kafkajs gives consumers up at times: then another one is built in its place, each after twice the time. */
import type { Consumer } from 'kafkajs';
import type { KafkaLogger } from './client.ts';
import { isForbidden } from './failure.ts';

const FIRST_DELAY = 200; // ms
const LONGEST_DELAY = 10_000; // ms
const MOST = 5; // in a row, without progress between

export interface RebuildOptions {
  /** What is read, for a person. */
  readonly title: string;
  readonly logger?: KafkaLogger | undefined;
  /** Makes a new consumer in place of the one before, and runs it. */
  readonly build: () => Promise<void>;
  /** Called where a right is missing, or none of five came to anything; absent: it is tried for ever. */
  readonly onFailure?: (error: Error) => void;
}

export class Rebuild {
  readonly #options: RebuildOptions;
  #inRow = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: RebuildOptions) {
    this.#options = options;
  }

  /** Rebuilds what kafkajs gives up while it is the `current` one; where kafkajs starts it again itself nothing is done. */
  watch(consumer: Consumer, current: () => boolean, crashed = (error: Error) => this.crashed(error)): void {
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (!restart && current()) crashed(error);
    });
  }

  crashed(error: Error): void {
    if (this.#ended) return;
    const { title, logger, build, onFailure } = this.#options;
    if (onFailure !== undefined && (this.#inRow >= MOST || isForbidden(error))) {
      onFailure(error);
      return;
    }
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this.#inRow++);
    logger?.warn(
      { topic: title, error: error.message, delay },
      'kafka: the consumer gave up; building a new one',
    );
    this.cancel();
    this.#timer = setTimeout(() => {
      build().catch((failed: Error) => this.crashed(failed));
    }, delay);
  }

  /** Something was read: the next failure is a first one. */
  progressed(): void {
    this.#inRow = 0;
  }

  /** Builds none of those that wait. */
  cancel(): void {
    clearTimeout(this.#timer);
  }

  /** Builds none any more. */
  end(): void {
    this.#ended = true;
    this.cancel();
  }
}
