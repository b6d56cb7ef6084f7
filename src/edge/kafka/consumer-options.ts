import type { Kafka, KafkaMessage } from 'kafkajs';
import type { CptError } from '../../errors.ts';
import type { KafkaLogger } from './client.ts';
import type { Place } from './place.ts';

export interface ConsumerOptions {
  readonly kafka: Kafka;
  /** What to read, for a person. */
  readonly title: string;
  /** The topics to read, asked at every start. */
  readonly topics: () => readonly string[];
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly logger?: KafkaLogger | undefined;
  /** Offset to hand on next; `onMessages` and `onSkip` move it on. */
  readonly next: ReadonlyMap<Place, bigint>;
  /** Called at each batch with its partition's high mark. */
  readonly onHigh: (place: Place, high: bigint) => void;
  /**
   * Takes messages in order, as many as there is room for, and gives their number. A partition of which not all
   * are taken is paused; what is left is fetched again after `resume`.
   * @param after the offset after all of them
   */
  readonly onMessages: (place: Place, messages: readonly KafkaMessage[], after: bigint) => number;
  /**
   * Called where a batch does not go on where the one before ended, which is harmless unless records are gone.
   * Gives whether the position is another one now. @throws CptError CPT_KAFKA where that must stop the feed
   */
  readonly onJump: (place: Place) => Promise<boolean>;
  /** A partition's messages were all filtered (control records, aborted transactions). */
  readonly onSkip: (place: Place, next: bigint) => void;
  readonly onAssigned: (places: readonly Place[]) => void;
  readonly onFailure: (error: CptError) => void;
}

export interface RunningConsumer {
  /** Reads on from everything that is paused. */
  resume(): void;
  /** Starts again, with the topics that are to be read now. */
  restart(): Promise<void>;
  commit(offsets: ReadonlyMap<Place, bigint>): Promise<void>;
  stop(): Promise<void>;
}
