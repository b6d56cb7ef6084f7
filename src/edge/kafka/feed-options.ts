import type { KafkaConnection } from './client.ts';
import type { OnLost } from './positions.ts';
import type { RecordOptions } from './record.ts';
import type { TopicSelection } from './selection.ts';

export interface KafkaFeedOptions extends KafkaConnection {
  readonly topic: TopicSelection;
  /** Topics that no pattern matches, beside those of Kafka and of this program. */
  readonly never?: readonly string[];
  /**
   * Consumer group, `cpt-stream-<topic>` unless given. One per lineage: members of one group divide the
   * partitions among them. Offsets are committed to it for monitoring only.
   */
  readonly group?: string;
  /** End (null) at what the topics held when they were opened. */
  readonly untilEnd?: boolean;
  /** Default `fail`. */
  readonly onLost?: OnLost;
  /** Payload bytes that wait for the reader, at most (one larger message is let in alone). Default 8 MiB. */
  readonly maxBytesInFlight?: number;
  /** What a record is made of; default `DECODE_DEFAULTS`. */
  readonly record?: RecordOptions;
  /** An empty batch comes after so long without a message, milliseconds. Default 1,000. */
  readonly idleMs?: number;
  /** After a crash of ours the broker keeps our place so long, and a restart waits for it. Default 10,000. */
  readonly sessionTimeoutMs?: number;
  /** New topics and partitions are looked for so often, milliseconds. Default 10,000. */
  readonly lookEveryMs?: number;
}
