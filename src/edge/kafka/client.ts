/** The one place that makes kafkajs clients: quiet, patient, and logging where we log. */
import { type Consumer, Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';
import { CptError } from '../../errors.ts';
import { cptErrorIn, explain } from './failure.ts';
import { collectHeadersInOnePass } from './headers.ts';
import { guardedSockets } from './sockets.ts';

/** What pino's loggers have. */
export interface KafkaLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface KafkaConnection {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** Default: no log. */
  readonly logger?: KafkaLogger;
}

/** An outage is waited out: reads go on 0.7 s after the broker is back (measured), and no crash. */
export const PATIENT: RetryOptions = { retries: 1_000_000, initialRetryTime: 100, maxRetryTime: 2000 };
/** For the first contact: about 3 s, then a person is told. */
export const BRIEF: RetryOptions = { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 };

export function kafkaClient(connection: KafkaConnection, retry: RetryOptions): Kafka {
  process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'; // kafkajs reads it when a producer is made
  collectHeadersInOnePass();
  const { logger } = connection;
  return new Kafka({
    clientId: connection.clientId ?? 'cpt-stream',
    brokers: [...connection.brokers],
    ...(connection.ssl === undefined ? {} : { ssl: connection.ssl }),
    ...(connection.sasl === undefined ? {} : { sasl: connection.sasl }),
    socketFactory: guardedSockets(connection.sasl),
    connectionTimeout: 3000,
    retry,
    logLevel: logger ? logLevel.INFO : logLevel.NOTHING,
    logCreator: () => (entry) => logger && forward(logger, entry),
  });
}

/** A consumer of records in bulk, a member of `groupId`, that reads on at most 4 MiB at a time. */
export function bulkConsumer(kafka: Kafka, groupId: string, sessionTimeout: number): Consumer {
  return kafka.consumer({
    groupId,
    sessionTimeout,
    heartbeatInterval: Math.floor(sessionTimeout / 5),
    maxBytesPerPartition: 1 << 20,
    maxBytes: 4 << 20,
    maxWaitTimeInMs: 500,
    allowAutoTopicCreation: false,
  });
}

/**
 * What kafkajs calls an error it mostly retries, so it is a warning here; what it gives up on comes out of a call
 * or the `crash` event. Its chatter about joining and pausing is debug.
 */
function forward(logger: KafkaLogger, { level, namespace, log }: LogEntry): void {
  const { message, timestamp: _timestamp, stack: _stack, logger: _name, ...fields } = log;
  const text = `kafka ${namespace}: ${message}`;
  if (level === logLevel.ERROR || level === logLevel.WARN) logger.warn(fields, text);
  else logger.debug(fields, text);
}

/**
 * What kafkajs threw as one sentence, with the cause that it hides and what to do about it; a CptError inside it
 * passes through.
 * @param what was tried, a clause
 * @param hint where the cause has none of its own
 */
export function kafkaError(what: string, cause: unknown, hint?: string): CptError {
  const inner = cptErrorIn(cause);
  if (inner !== undefined) return inner;
  const failure = explain(cause);
  const todo = failure.hint ?? hint;
  return new CptError('CPT_KAFKA', `${what}: ${failure.what}.`, {
    cause,
    retryable: isRetriable(cause),
    ...(todo === undefined ? {} : { hint: todo }),
  });
}

/** Also of what kafkajs wraps as `number of retries exceeded`. */
export function isRetriable(error: unknown): boolean {
  const { retriable, cause } = error as { retriable?: boolean; cause?: unknown };
  return retriable === true || (cause instanceof Error && isRetriable(cause));
}
