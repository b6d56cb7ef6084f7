/** Records that hold no passage, sent to a topic. What the topic does not take is waited for: none is dropped. */
import type { Message } from 'kafkajs';
import { CptError } from '../../errors.ts';
import type { DeadLetters, Rejection } from '../dead-letters.ts';
import { patiently } from '../patience.ts';
import { type KafkaConnection, kafkaError } from './client.ts';
import { CUTS, letterOf } from './letter.ts';
import { Sender } from './sender.ts';
import { slices } from './slices.ts';
import { ensureTopics } from './topics.ts';

export interface DeadLetterTopicOptions extends KafkaConnection {
  readonly topic: string;
  readonly lineage: string;
  /** Length of the dead-letter file of earlier runs, which stays as it is. */
  readonly fileBytes: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Seconds, from any zero. */
  readonly clock: () => number;
}

const LETTERS_PER_SEND = 100;
/** Of what is not even tried whole: a broker closes the connection on a request over 100 MB. */
const NEVER_WHOLE = 32 << 20;
const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);

/** @throws CptError CPT_KAFKA where no broker answers or the topic cannot be made */
export async function openDeadLetterTopic(options: DeadLetterTopicOptions): Promise<DeadLetters> {
  const { topic, lineage, logger, fileBytes, now, clock } = options;
  await ensureTopics(options, [{ topic }]);
  const sender = new Sender(options);
  const closed = new AbortController();

  /** One letter, smaller each time that the topic finds it too large. */
  const sendOne = async (rejection: Rejection, time: string): Promise<void> => {
    for (let cut = rejection.record.size > NEVER_WHOLE ? 1 : 0; ; cut++) {
      try {
        return await sender.send(topic, [letterOf(rejection, { lineage, time, cut })]);
      } catch (error) {
        if (!isTooLarge(error) || cut === CUTS.length - 1) throw error;
      }
    }
  };
  const send = async (rejections: readonly Rejection[], time: string): Promise<void> => {
    if (rejections.length === 1) return sendOne(rejections[0]!, time);
    const letters: Message[] = rejections.map((rejection) => letterOf(rejection, { lineage, time, cut: 0 }));
    try {
      await sender.send(topic, letters);
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      for (const rejection of rejections) await sendOne(rejection, time);
    }
  };

  return {
    place: `the topic ${topic}`,
    async append(rejections, held = () => {}) {
      const time = new Date(now()).toISOString();
      let waiting = rejections.length;
      for (const some of slices(rejections, LETTERS_PER_SEND, ({ record }) => record.size)) {
        await patiently(() => send(some, time), {
          clock,
          signal: closed.signal,
          failed(error, seconds) {
            if (error instanceof CptError && error.code === 'CPT_INTERRUPTED') throw error;
            const { message } = kafkaError(`The topic ${topic} does not take dead letters`, error);
            logger?.warn({ topic, waiting, seconds }, `${message}; reading is held back until it does`);
            held({ waiting, seconds, message });
          },
          recovered(seconds) {
            logger?.info({ topic, seconds }, 'dead letters are taken again');
            held({ waiting: 0, seconds, message: null });
          },
        });
        waiting -= some.length;
      }
      return fileBytes;
    },
    async close() {
      await sender.close();
      closed.abort();
    },
  };
}

function isTooLarge(error: unknown): boolean {
  const { type, cause } = error as { type?: string; cause?: unknown };
  return (type !== undefined && TOO_LARGE.has(type)) || (cause instanceof Error && isTooLarge(cause));
}
