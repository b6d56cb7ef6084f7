/** The feed of the runs with faults: passages with consecutive numbers, a few records that hold none, by a seed. */
import type { Message } from 'kafkajs';
import { makeRng } from '../../src/rng.ts';
import { tinyPassages } from '../../test/fixtures/tiny.ts';

/** Numbers about one kind of thing. */
const BLOCK = 1250;
const TOPICS = ['kitchen', 'sea', 'garden'];
const HOSTILE_EVERY = 97;

/** Records that hold no passage, of every number that 97 divides. */
const HOSTILE: readonly ((text: string) => Buffer | null)[] = [
  () => null,
  (text) => Buffer.concat([Buffer.from(text), Buffer.from([0xff, 0xfe])]),
  (text) => Buffer.from(`{"text": "${text}`),
  () => Buffer.from('  \n '),
  (text) => Buffer.from(JSON.stringify({ text: `${text}\0` })),
];

export const isHostile = (number: number): boolean => number % HOSTILE_EVERY === 0;

/** Passages begin with their number. */
export const numberOf = (text: string): number => Number(/^\((\d+)\) /.exec(text)?.[1] ?? Number.NaN);

/**
 * Records `first` to `last`, the last one not among them. Two blocks in turn name their domain by a header, two are
 * left to the segmenter. The key is the number.
 */
export function numbered(seed: string, first: number, last: number, partitions: number): Message[] {
  const messages: Message[] = [];
  for (let block = Math.floor(first / BLOCK); block * BLOCK < last; block++) {
    const topic = TOPICS[block % TOPICS.length]!;
    const texts = tinyPassages(topic, BLOCK, makeRng(seed).fork('faults').fork(block));
    const named = block % 4 < 2;
    for (const [at, words] of texts.entries()) {
      const number = block * BLOCK + at;
      if (number < first || number >= last) continue;
      const text = `(${number}) ${words}`;
      const hostile = HOSTILE[Math.floor(number / HOSTILE_EVERY) % HOSTILE.length]!;
      messages.push({
        key: String(number),
        partition: number % partitions,
        value: isHostile(number) ? hostile(text) : Buffer.from(JSON.stringify({ text })),
        headers: named ? { domain: topic } : {},
      });
    }
  }
  return messages;
}
